#include "bastion/oidc/json.h"

#include <algorithm>
#include <utility>

namespace bastion::oidc {
namespace {

// Without a look at what it is: brackets outside of texts.
bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  bool is_text = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (is_text && c == '\\') {
      ++at;
    } else if (c == '"') {
      is_text = !is_text;
    } else if (!is_text && (c == '{' || c == '[')) {
      if (++depth > kDeepest) return true;
    } else if (!is_text && (c == '}' || c == ']')) {
      if (depth > 0) --depth;
    }
  }
  return false;
}

}  // namespace

Result<Json> parse_object(std::string_view text, std::string_view what) {
  auto parsed = is_too_deep(text) ? Json() : Json::parse(text, nullptr, false);
  if (!parsed.is_object()) return fail("{} is not a JSON object", what);
  return parsed;
}

std::optional<std::string> text_in(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<std::int64_t> number_in(const Json& object, std::string_view name, std::int64_t least,
                                      std::int64_t most) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  // As the wider type first: what does not fit is undefined in the other one.
  const auto number = found->get<double>();
  const auto is_within = number >= static_cast<double>(least) && number <= static_cast<double>(most);
  return is_within ? std::optional(std::clamp(static_cast<std::int64_t>(number), least, most)) : std::nullopt;
}

}  // namespace bastion::oidc
