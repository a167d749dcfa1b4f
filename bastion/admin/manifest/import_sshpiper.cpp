#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>

#include "bastion/admin/manifest/authorized_keys.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/import.h"
#include "bastion/admin/manifest/known_hosts.h"
#include "bastion/admin/manifest/yaml.h"
#include "bastion/base/base64.h"
#include "bastion/base/name.h"
#include "bastion/base/user_name.h"
#include "bastion/follow/json_values.h"

namespace bastion::admin {
namespace {

using Json = nlohmann::json;
using follow::child_of;
using follow::text_in;
using Texts = std::vector<std::string>;

// One text, or a list of them.
Texts texts_in(const Json& object, const char* name) {
  const auto& value = child_of(object, name);
  if (value.is_string()) return {value.get<std::string>()};
  Texts texts;
  if (value.is_array()) {
    for (const auto& one : value) texts.push_back(one.is_string() ? one.get<std::string>() : std::string{});
  }
  return texts;
}

bool is_there(const Json& object, const char* name) {
  const auto& value = child_of(object, name);
  const bool is_nothing = value.is_string() ? value.get_ref<const std::string&>().empty() : value.empty();
  return !is_nothing;
}

// Where a pipe leads.
struct Goal {
  Endpoint address;
  std::string account;  // empty: the name that was used downstream
};

// What a pipe says of that to people, whether or not we could follow it.
struct Said {
  std::string address;
  std::string account;
  bool is_usable = false;

  [[nodiscard]] bool leads_to(const Said& other) const { return address == other.address && account == other.account; }
  [[nodiscard]] std::string text() const {
    return address.empty() ? "nowhere" : fmt::format("to {}@{}", account, address);
  }
};

class SshpiperConversion {
 public:
  SshpiperConversion(const SshpiperTerms& terms, Imported& imported) : terms_(terms), imported_(imported) {}

  // Before take(): where each user is led. The first place that can be used, or else the first one.
  void note_goals(const Json& pipe) {
    const auto& to = child_of(pipe, "to");
    const auto goal = goal_of(to);
    const auto& from = child_of(pipe, "from");
    for (std::size_t i = 0; from.is_array() && i < from.size(); ++i) {
      const auto name = text_in(from[i], "username");
      if (!is_user_name(name) || child_of(from[i], "username_regex_match") == true) continue;
      const auto said = said_of(to, goal ? &*goal : nullptr, name);
      auto& first = goal_of_user_.try_emplace(name, said).first->second;
      if (said.is_usable && !first.is_usable) first = said;
    }
  }

  void take(const Json& pipe, const std::string& where) {
    const auto& to = child_of(pipe, "to");
    complain_about(pipe, where, {"from", "to"});
    complain_about(to, where + ", to",
                   {"host", "username", "ignore_hostkey", "password", "private_key", "private_key_data", "known_hosts",
                    "known_hosts_data"});
    const auto& from = child_of(pipe, "from");
    const auto goal = goal_of(to);
    if (!goal) skip(where, goal.error().text);
    for (std::size_t i = 0; from.is_array() && i < from.size(); ++i) {
      add(from[i], fmt::format("{}, from[{}]", where, i), to, goal ? &*goal : nullptr);
    }
    if (!from.is_array() || from.empty()) skip(where, "it is from nobody");
    if (goal) mention_credentials(to, where, *goal);
  }

  // Users and containers in the order in which they came.
  void finish() {
    imported_.directory.users.emplace(std::move(users_));
    imported_.directory.containers.emplace(std::move(containers_));
  }

 private:
  void skip(const std::string& where, std::string why) { imported_.skipped.push_back({where, std::move(why)}); }

  void complain_about(const Json& object, const std::string& where, std::initializer_list<std::string_view> known) {
    if (!object.is_object()) return;
    for (const auto& [name, value] : object.items()) {
      if (std::ranges::find(known, name) == known.end()) skip(where, fmt::format("{} is not known here", name));
    }
  }

  static Result<Goal> goal_of(const Json& to) {
    const auto host = text_in(to, "host");
    if (host.empty()) return fail("it leads nowhere: host is missing");
    if (auto wrong = check_address(host)) return fail("{}", *wrong);
    return Goal{container_address_of(host), text_in(to, "username")};
  }

  static Said said_of(const Json& to, const Goal* goal, const std::string& name) {
    const auto account = text_in(to, "username");
    const auto& login = account.empty() ? name : account;
    return {.address = goal == nullptr ? text_in(to, "host") : goal->address.text(),
            .account = login,
            .is_usable = goal != nullptr && !check_login(login)};
  }

  // What the bastion logs in with is its own identity: what sshpiper had is of no use.
  void mention_credentials(const Json& to, const std::string& where, const Goal& goal) {
    const auto place = fmt::format("{}{}{}", goal.account, goal.account.empty() ? "" : "@", goal.address.text());
    for (const auto* const name : {"private_key", "private_key_data"}) {
      if (!is_there(to, name)) continue;
      skip(where, fmt::format("{} is not taken over: put the line of `identity show` into authorized_keys of {}", name,
                              place));
    }
    if (is_there(to, "password")) skip(where, fmt::format("password is not taken over: {} must accept a key", place));
  }

  // Without a goal the user is taken over all the same, with the keys.
  void add(const Json& from, const std::string& where, const Json& to, const Goal* goal) {
    complain_about(from, where,
                   {"username", "groupname", "username_regex_match", "authorized_keys", "authorized_keys_data",
                    "trusted_user_ca_keys", "trusted_user_ca_keys_data"});
    const auto name = text_in(from, "username");
    const auto place = name.empty() ? where : fmt::format("{} ({})", where, name);
    if (name.empty() && is_there(from, "groupname")) {
      return skip(
          place,
          fmt::format(
              "groupname {}: accounts of that machine, whose members it does not name; `group add`, `group join` and "
              "`container share --group` do the same here",
              text_in(from, "groupname")));
    }
    if (child_of(from, "username_regex_match") == true) {
      return skip(place, "the username is a pattern: add the users it stands for one by one");
    }
    if (!is_user_name(name)) {
      return skip(place, fmt::format("\"{}\" cannot be a user: a name is {}", name, kUserNameRule));
    }
    const auto account = goal == nullptr || goal->account.empty() ? name : goal->account;
    const auto wrong = goal == nullptr ? std::nullopt : check_login(account);
    if (wrong) skip(place, *wrong);
    // Keys that led elsewhere would open what they never opened.
    if (leads_elsewhere(said_of(to, goal, name), name, place)) return;
    if (wrong) goal = nullptr;
    add_keys(user_named(name), from, place, account);
    if (goal != nullptr) add_host_key(container_at(*goal, account, name), to, place, name, account);
  }

  bool leads_elsewhere(const Said& said, const std::string& name, const std::string& place) {
    const auto& counts = goal_of_user_.at(name);
    if (counts.leads_to(said)) return false;
    skip(place, fmt::format("another pipe leads this user {}; here the key does not decide where a user lands, so its "
                            "keys are left out too: `container add` and `key add` give them this one",
                            counts.text()));
    return true;
  }

  // The container that this leads to: a new one, or one that is there already and is shared then.
  ContainerEntry& container_at(const Goal& goal, const std::string& account, const std::string& name) {
    const auto there = std::ranges::find_if(
        containers_, [&](const ContainerEntry& one) { return one.address == goal.address && one.account == account; });
    if (there == containers_.end()) {
      return containers_.emplace_back(ContainerEntry{.owner = name,
                                                     .name = is_name(name) ? name : "main",
                                                     .backend = terms_.backend,
                                                     .address = goal.address,
                                                     .account = account,
                                                     .shares = std::vector<ShareEntry>{}});
    }
    if (name != there->owner && std::ranges::find(*there->shares, name, &ShareEntry::user) == there->shares->end()) {
      there->shares->push_back({.user = name});
    }
    return *there;
  }

  UserEntry& user_named(const std::string& name) {
    const auto there = std::ranges::find(users_, name, &UserEntry::name);
    if (there != users_.end()) return *there;
    return users_.emplace_back(UserEntry{.name = name, .keys = std::vector<KeyEntry>{}});
  }

  void add_keys(UserEntry& user, const Json& from, const std::string& place, const std::string& account) {
    for (const auto& text : texts_behind(from, "authorized_keys", place, user.name, account)) {
      add_authorized_keys(*user.keys, {fmt::format("{}, {}", place, text.name), text.text}, imported_.skipped);
    }
    for (const auto* const name : {"trusted_user_ca_keys", "trusted_user_ca_keys_data"}) {
      if (is_there(from, name)) skip(place, fmt::format("{}: certificates are not accepted as keys", name));
    }
    if (!is_there(from, "authorized_keys") && !is_there(from, "authorized_keys_data")) {
      skip(place, "passwords are not passed on: they need a key (`key add`)");
    }
  }

  void add_host_key(ContainerEntry& container, const Json& to, const std::string& place, const std::string& name,
                    const std::string& account) {
    if (container.host_keys) return;
    std::vector<PublicKey> known;
    for (const auto& text : texts_behind(to, "known_hosts", place, name, account)) {
      for (auto& key : known_hosts_of(*container.address, text.text)) {
        if (std::ranges::find(known, key) == known.end()) known.push_back(std::move(key));
      }
    }
    if (known.empty()) {
      if (!is_there(to, "known_hosts") && !is_there(to, "known_hosts_data")) return;
      return skip(place, fmt::format("known_hosts has no key for {}: the first one it presents will be remembered",
                                     container.address->text()));
    }
    // One machine has its host keys, whatever the number of accounts.
    const auto other = std::ranges::find_if(containers_, [&](const ContainerEntry& one) {
      return one.address == container.address && one.host_keys && !std::ranges::is_permutation(*one.host_keys, known);
    });
    if (other != containers_.end()) {
      return skip(place, fmt::format("known_hosts has another key for {} than a pipe before it, which is pinned",
                                     container.address->text()));
    }
    container.host_keys = std::move(known);
  }

  // The texts of a field that names files, and of the one that has them in base64.
  std::vector<NamedText> texts_behind(const Json& object, const std::string& field, const std::string& place,
                                      const std::string& downstream, const std::string& upstream) {
    std::vector<NamedText> texts;
    for (const auto& path : texts_in(object, field.c_str())) {
      const auto expanded = expand(path, downstream, upstream);
      auto text = expanded ? terms_.read(*expanded) : std::unexpected(expanded.error());
      if (text) {
        texts.push_back({*expanded, *std::move(text)});
      } else {
        skip(fmt::format("{}, {}", place, field), text.error().text + what_helps(field, downstream));
      }
    }
    for (const auto& data : texts_in(object, (field + "_data").c_str())) {
      if (auto text = decode_base64(data)) {
        texts.push_back({field + "_data", *std::move(text)});
      } else {
        skip(fmt::format("{}, {}_data", place, field), "this is no base64");
      }
    }
    return texts;
  }

  static std::string what_helps(std::string_view field, const std::string& user) {
    if (field == "known_hosts") return ": the first host key it presents will be remembered";
    return fmt::format(": `import authorized-keys - --user {}` takes their keys over", user);
  }

  // `$NAME` and `${NAME}`; of the names only the two that sshpiper defines itself.
  static Result<std::string> expand(std::string_view path, const std::string& downstream, const std::string& upstream) {
    std::string expanded;
    while (!path.empty()) {
      const auto dollar = std::min(path.find('$'), path.size());
      expanded += path.substr(0, dollar);
      path.remove_prefix(dollar);
      if (path.empty()) break;
      path.remove_prefix(1);
      const bool in_braces = path.starts_with('{');
      if (in_braces) path.remove_prefix(1);
      const auto end = std::min(
          path.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"), path.size());
      const auto name = path.substr(0, end);
      path.remove_prefix(end);
      if (in_braces && path.starts_with('}')) path.remove_prefix(1);
      if (name != "DOWNSTREAM_USER" && name != "UPSTREAM_USER") {
        return fail("${} stands for something of sshpiper's environment, which is not known here", name);
      }
      expanded += name == "DOWNSTREAM_USER" ? downstream : upstream;
    }
    return expanded;
  }

  const SshpiperTerms& terms_;
  Imported& imported_;
  std::vector<UserEntry> users_;
  std::vector<ContainerEntry> containers_;
  std::map<std::string, Said> goal_of_user_;
};

}  // namespace

Result<Imported> import_sshpiper(std::string_view yaml, const SshpiperTerms& terms) {
  const auto document = parse_yaml(yaml);
  if (!document) return std::unexpected(document.error());
  const auto& pipes = child_of(*document, "pipes");
  if (!pipes.is_array()) return fail("this is no configuration of sshpiper's yaml plugin: a list of pipes is expected");
  if (const auto version = text_in(*document, "version"); version != "1.0") {
    return fail("the version is \"{}\", and only 1.0 is known here", version);
  }
  Imported imported;
  SshpiperConversion conversion(terms, imported);
  for (const auto& pipe : pipes) conversion.note_goals(pipe);
  for (std::size_t i = 0; i < pipes.size(); ++i) conversion.take(pipes[i], fmt::format("pipes[{}]", i));
  conversion.finish();
  return imported;
}

}  // namespace bastion::admin
