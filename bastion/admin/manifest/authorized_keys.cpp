#include "bastion/admin/manifest/authorized_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "bastion/access/authorized_key.h"
#include "bastion/access/policy_options.h"
#include "bastion/transport/keys.h"

namespace bastion::admin {
namespace {

Result<KeyEntry> entry_of(std::string_view line) {
  const auto [options, key] = access::split_authorized_key(line);
  if (const auto read = access::parse_key_options(options); !read) return std::unexpected(read.error());
  auto parsed = transport::parse_public_key(key);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return KeyEntry{.key = *std::move(parsed), .options = std::string(options)};
}

bool is_blank_or_comment(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r");
  return first == std::string_view::npos || line[first] == '#';
}

}  // namespace

void add_authorized_keys(std::vector<KeyEntry>& keys, const NamedText& file, std::vector<Skipped>& skipped) {
  std::size_t number = 0;
  std::string_view rest = file.text;
  while (!rest.empty()) {
    const auto end = std::min(rest.find('\n'), rest.size());
    const auto line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (is_blank_or_comment(line)) continue;
    auto entry = entry_of(line);
    if (!entry) {
      skipped.push_back({fmt::format("{} line {}", file.name, number), entry.error().text});
    } else if (std::ranges::find(keys, entry->key.key, [](const KeyEntry& one) { return one.key.key; }) == keys.end()) {
      keys.push_back(*std::move(entry));
    } else {
      skipped.push_back({fmt::format("{} line {}", file.name, number), "the user has this key already"});
    }
  }
}

}  // namespace bastion::admin
