#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <utility>

#include "bastion/admin/manifest/authorized_keys.h"
#include "bastion/base/name.h"

namespace bastion::admin {
namespace {

// Whose file this is, by where it stands; nothing when that says nobody.
std::optional<std::string> user_of(const std::filesystem::path& file) {
  auto name = file.filename().string();
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

}  // namespace

Imported import_authorized_keys(const std::vector<NamedText>& files, const std::optional<std::string>& whose) {
  Imported imported;
  std::map<std::string, std::vector<KeyEntry>> users;
  for (const auto& file : files) {
    const auto user = whose ? whose : user_of(file.name);
    if (!user || !is_name(*user)) {
      imported.skipped.push_back(
          {file.name, fmt::format("\"{}\" cannot be a user: a name is {}", user.value_or(std::string{}), kNameRule)});
      continue;
    }
    add_authorized_keys(users[*user], file, imported.skipped);
  }
  auto& entries = imported.directory.users.emplace();
  for (auto& [name, keys] : users) entries.push_back({.name = name, .keys = std::move(keys)});
  return imported;
}

}  // namespace bastion::admin
