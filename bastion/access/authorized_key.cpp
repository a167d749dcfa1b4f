#include "bastion/access/authorized_key.h"

#include <optional>

#include "bastion/base/trimmed.h"

namespace bastion::access {
namespace {

bool ends_word(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Where the first word ends, a space in quotes being part of it; nothing when a quote is not closed.
std::optional<std::size_t> end_of_first_word(std::string_view line) {
  bool inside = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (!inside && ends_word(line[i])) return i;
    if (line[i] == '\\' && i + 1 < line.size() && line[i + 1] == '"') {
      ++i;
    } else if (line[i] == '"') {
      inside = !inside;
    }
  }
  return inside ? std::nullopt : std::optional(line.size());
}

bool begins_with_a_key(std::string_view line) {
  return line.starts_with("ssh-") || line.starts_with("ecdsa-") || line.starts_with("sk-");
}

}  // namespace

AuthorizedKey split_authorized_key(std::string_view line) {
  line = trimmed(line);
  if (begins_with_a_key(line)) return {{}, line};
  const auto end = end_of_first_word(line);
  if (!end) return {line, {}};
  const auto rest = trimmed(line.substr(*end));
  if (begins_with_a_key(rest)) return {line.substr(0, *end), rest};
  return {{}, line};
}

}  // namespace bastion::access
