#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <map>
#include <utility>

#include "bastion/admin/manifest/authorized_keys.h"
#include "bastion/base/user_name.h"

namespace bastion::admin {
namespace {

constexpr std::int64_t kFirstUser = 1000;  // UID_MIN and UID_MAX in login.defs(5)
constexpr std::int64_t kLastUser = 60'000;

// Whose file this is, by where it stands; nothing when that says nobody.
std::string user_of(const std::filesystem::path& file) {
  const auto name = file.filename().string();
  if (name == "authorized_keys" || name == "authorized_keys2") {
    auto folder = file.parent_path();
    if (folder.filename() == ".ssh") folder = folder.parent_path();
    return folder.filename().string();
  }
  const auto kind = file.extension();
  return kind == ".pub" || kind == ".keys" ? file.stem().string() : name;
}

// The people among the accounts, by the folder that they have where all the others are.
std::multimap<std::string, std::string> people_in(std::string_view passwd) {
  std::multimap<std::string, std::string> people;
  while (!passwd.empty()) {
    auto line = passwd.substr(0, std::min(passwd.find('\n'), passwd.size()));
    passwd.remove_prefix(std::min(line.size() + 1, passwd.size()));
    std::vector<std::string_view> fields;  // name:password:UID:GID:GECOS:directory:shell
    for (std::size_t begin = 0; begin <= line.size();) {
      const auto end = std::min(line.find(':', begin), line.size());
      fields.push_back(line.substr(begin, end - begin));
      begin = end + 1;
    }
    if (fields.size() < 6) continue;
    std::int64_t uid = -1;
    std::from_chars(fields[2].data(), fields[2].data() + fields[2].size(), uid);
    if (uid < kFirstUser || uid > kLastUser) continue;
    auto home = fields[5];
    while (home.size() > 1 && home.ends_with('/')) home.remove_suffix(1);
    people.emplace(std::filesystem::path(home).filename().string(), fields[0]);
  }
  return people;
}

class AuthorizedKeysConversion {
 public:
  AuthorizedKeysConversion(const AuthorizedKeysTerms& terms, Imported& imported)
      : user_(terms.user), imported_(imported) {
    if (terms.passwd) people_ = people_in(*terms.passwd);
  }

  void add(const NamedText& file) {
    if (!file.unread.empty()) return skip(file.name, file.unread);
    auto user = user_.value_or(user_of(file.name));
    // Somebody's own key pair, beside the files that are called after users.
    if (!user_ && user.starts_with("id_")) return skip(file.name, "it is called after a key, not after a user");
    if (people_) {
      const auto account = people_->find(user);
      if (account == people_->end()) {
        return skip(file.name,
                    fmt::format("\"{}\" is no account of a person, which has a UID from {}", user, kFirstUser));
      }
      if (people_->count(user) > 1) {
        return skip(file.name, fmt::format("{} is what the homes of {} and {} are called: whose this is cannot be told",
                                           user, account->second, std::next(account)->second));
      }
      user = account->second;
    }
    if (!is_user_name(user)) {
      return skip(file.name, fmt::format("\"{}\" cannot be a user: a name is {}", user, kUserNameRule));
    }
    std::vector<Skipped> skipped;
    auto keys = users_.contains(user) ? users_.at(user) : std::vector<KeyEntry>{};
    add_authorized_keys(keys, file, skipped);
    // Not line by line: it may be a photo.
    if (keys.empty() && !user_ && !is_authorized_keys(file.name)) return skip(file.name, "there is no key in it");
    imported_.skipped.insert(imported_.skipped.end(), skipped.begin(), skipped.end());
    if (keys.empty() && !user_) return skip(file.name, "there is no key in it that could be taken over");
    users_.insert_or_assign(user, std::move(keys));
  }

  void finish() {
    auto& entries = imported_.directory.users.emplace();
    for (auto& [name, keys] : users_) entries.push_back({.name = name, .keys = std::move(keys)});
    if (!people_) return;
    for (const auto& [folder, account] : *people_) {
      if (!users_.contains(account)) skip(account, "nothing here has a key of this account");
    }
  }

 private:
  static bool is_authorized_keys(const std::filesystem::path& file) { return file.has_parent_path(); }
  void skip(const std::string& name, std::string why) { imported_.skipped.push_back({name, std::move(why)}); }

  const std::optional<std::string>& user_;
  std::optional<std::multimap<std::string, std::string>> people_;
  Imported& imported_;
  std::map<std::string, std::vector<KeyEntry>> users_;
};

}  // namespace

Imported import_authorized_keys(const std::vector<NamedText>& files, const AuthorizedKeysTerms& terms) {
  Imported imported;
  AuthorizedKeysConversion conversion(terms, imported);
  for (const auto& file : files) conversion.add(file);
  conversion.finish();
  return imported;
}

}  // namespace bastion::admin
