#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

#include "bastion/admin/import.h"
#include "bastion/base/name.h"
#include "bastion/login/policy.h"

namespace bastion::admin {
namespace {

// Whose file this is, by where it stands; nothing when that says nobody.
std::optional<std::string> user_of(const std::filesystem::path& file) {
  const auto name = file.filename().string();
  if (name == "authorized_keys" || name == "authorized_keys2") {
    auto folder = file.parent_path();
    if (folder.filename() == ".ssh") folder = folder.parent_path();
    const auto user = folder.filename().string();
    return user.empty() ? std::nullopt : std::optional(user);
  }
  const auto kind = file.extension();
  if (kind == ".pub" || kind == ".keys") return file.stem().string();
  return name;
}

Result<KeyEntry> entry_of(std::string_view line) {
  const auto [options, key] = login::split_authorized_key(line);
  if (const auto policy = login::parse_policy(options); !policy) return std::unexpected(policy.error());
  auto parsed = transport::parse_public_key(key);
  if (!parsed) return std::unexpected(std::move(parsed.error()));
  return KeyEntry{.key = *std::move(parsed), .options = std::string(options)};
}

bool is_blank_or_comment(std::string_view line) {
  const auto first = line.find_first_not_of(" \t\r");
  return first == std::string_view::npos || line[first] == '#';
}

void add_lines(std::vector<KeyEntry>& keys, const NamedText& file, std::vector<Skipped>& skipped) {
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

}  // namespace

Imported import_authorized_keys(const std::vector<NamedText>& files) {
  Imported imported;
  std::map<std::string, std::vector<KeyEntry>> users;
  for (const auto& file : files) {
    const auto user = user_of(file.name);
    if (!user || !is_name(*user)) {
      imported.skipped.push_back(
          {file.name, fmt::format("\"{}\" cannot be a user: a name is {}", user.value_or(std::string{}), kNameRule)});
      continue;
    }
    add_lines(users[*user], file, imported.skipped);
  }
  auto& entries = imported.directory.users.emplace();
  for (auto& [name, keys] : users) entries.push_back({.name = name, .keys = std::move(keys)});
  return imported;
}

}  // namespace bastion::admin
