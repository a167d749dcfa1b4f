#include "bastion/admin/commands/completion.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/admin/grammar/own.h"
#include "bastion/admin/grammar/words.h"

namespace bastion::admin {
namespace {

using Words = std::vector<std::string>;

Words words_of(std::string_view command) {
  auto words = split_words(command);
  return words ? *std::move(words) : Words{};
}

bool begins_with(const Words& words, const Words& begin) {
  return words.size() >= begin.size() && std::equal(begin.begin(), begin.end(), words.begin());
}

// What the value of a parameter names. `group` is the first word of the command.
Words values_of(const Parameter& parameter, std::string_view group, const Words& given, const Names& names) {
  const auto kind = parameter.is_option() ? parameter.value : parameter.name;
  if (parameter.name == "--role") return {"user", "auditor", "operator", "admin"};
  if (parameter.name == "--ca" || (kind == "NAME" && group == "ca")) return names.cas;
  if (kind == "ID") return names.sessions;
  if (kind == "NETWORK") return names.bans;
  if (kind == "HOST" && group == "host-key") {
    auto hosts = names.backends;
    hosts.insert(hosts.end(), names.containers.begin(), names.containers.end());
    return hosts;
  }
  if (kind == "FINGERPRINT" && group == "host-ca") return names.host_cas;
  if (kind == "FINGERPRINT" && group == kOwnGroup) {
    Words all;
    for (const auto& [user, fingerprints] : names.fingerprints)
      all.insert(all.end(), fingerprints.begin(), fingerprints.end());
    return all;
  }
  if (kind == "FINGERPRINT" && group != "host-key") {
    const auto whose = given.empty() ? names.fingerprints.end() : names.fingerprints.find(given.front());
    return whose == names.fingerprints.end() ? Words{} : whose->second;
  }
  if (parameter.name == "--login") return {};
  if (kind == "GROUP" || kind == "G" || kind == "GROUPS") return names.groups;
  if (kind == "USER" || kind == "U") return names.users;
  if (kind == "BACKEND" || kind == "B") return names.backends;
  if (kind == "C" && parameter.name == "--container") return names.containers;
  if (kind != "NAME") return {};
  if (group == "user" || group == "totp" || group == "password" || group == "oidc") return names.users;
  if (group == "group") return names.groups;
  if (group == "backend") return names.backends;
  return group == "container" || group == kOwnGroup ? names.containers : Words{};
}

Words after_command(const Command& command, const Typed& typed, const Names& names, store::Role role) {
  const auto& [words, last] = typed;
  const auto own = words_of(command.words);
  const bool is_new = own.back() == "add" || own.back() == "create";  // its NAME is not there yet
  Words positional;
  Words used;
  const Parameter* waiting = nullptr;  // an option whose value comes next
  for (auto i = own.size(); i < words.size(); ++i) {
    if (std::exchange(waiting, nullptr) != nullptr) continue;
    if (!words[i].starts_with("--")) {
      positional.push_back(words[i]);
      continue;
    }
    used.push_back(words[i]);
    const auto found = std::ranges::find(command.parameters, words[i], &Parameter::name);
    if (found != command.parameters.end() && !found->is_flag()) waiting = &*found;
  }
  if (waiting != nullptr) return values_of(*waiting, own.front(), positional, names);
  if (last.starts_with("-")) {
    Words options{"--json", "--help"};
    for (const auto& parameter : command.parameters) {
      const bool again = parameter.presence == Parameter::Presence::repeated;
      if (parameter.role > role) continue;
      if (parameter.is_option() && (again || std::ranges::find(used, parameter.name) == used.end())) {
        options.emplace_back(parameter.name);
      }
    }
    return options;
  }
  std::size_t place = 0;
  for (const auto& parameter : command.parameters) {
    if (parameter.is_option() || place++ != positional.size()) continue;
    if (is_new && (parameter.name == "NAME" || parameter.name == "NETWORK")) return {};
    return values_of(parameter, own.front(), positional, names);
  }
  return {};
}

// Behind `help`: what it explains.
Words explained_after(const Words& typed, store::Role role) {
  Words next;
  if (typed.empty() && role != store::Role::user) next.emplace_back("all");
  for (const auto& command : commands()) {
    const auto own = words_of(command.words);
    if (command.role <= role && typed.size() < own.size() && begins_with(own, typed)) next.push_back(own[typed.size()]);
  }
  return next;
}

Words candidates_for(const Typed& typed, const Names& names, store::Role role) {
  if (!typed.words.empty() && typed.words.front() == "help")
    return explained_after({typed.words.begin() + 1, typed.words.end()}, role);
  Words next;
  bool is_found = false;  // of two that are typed, the longer one stands first in the table
  for (const auto& command : commands()) {
    if (command.role > role) continue;
    const auto own = words_of(command.words);
    if (begins_with(typed.words, own)) {
      if (!std::exchange(is_found, true))
        std::ranges::move(after_command(command, typed, names, role), std::back_inserter(next));
    } else if (begins_with(own, typed.words)) {
      next.push_back(own[typed.words.size()]);
    }
  }
  return next;
}

std::string common_beginning(const Words& candidates) {
  auto common = candidates.front();
  for (const auto& candidate : candidates) {
    const auto [ours, theirs] = std::ranges::mismatch(common, candidate);
    common.erase(ours, common.end());
  }
  return common;
}

// A backslash takes the meaning from what stands behind it, itself included (grammar/words.h).
std::string as_typed(std::string_view word) {
  std::string typed;
  for (const char c : word) typed += c == '\\' ? std::string("\\\\") : std::string(1, c);
  return typed;
}

Completion completion_of(const Typed& typed, Words next) {
  if (typed.words.empty()) next.insert(next.end(), {"help", "exit"});
  next = that_begin_with(typed.last, std::move(next));
  if (next.empty()) return {};
  auto insert = as_typed(common_beginning(next).substr(typed.last.size()));
  if (next.size() == 1) insert += ' ';
  return {.insert = std::move(insert), .candidates = std::move(next)};
}

}  // namespace

std::optional<Typed> taken_apart(std::string_view before_cursor) {
  auto words = split_words(before_cursor);
  if (!words) return std::nullopt;  // inside quotes nothing is known
  Typed typed{.words = *std::move(words), .last = {}};
  if (!before_cursor.empty() && before_cursor.back() != ' ' && !typed.words.empty()) {
    typed.last = std::move(typed.words.back());
    typed.words.pop_back();
  }
  return typed;
}

Words that_begin_with(std::string_view typed, Words words) {
  std::erase_if(words, [&](const std::string& word) { return !word.starts_with(typed); });
  std::ranges::sort(words);
  const auto [first, last] = std::ranges::unique(words);
  words.erase(first, last);
  return words;
}

Words candidates(const Typed& typed, const Names& names, store::Role role) {
  return that_begin_with(typed.last, candidates_for(typed, names, role));
}

Completion complete(std::string_view before_cursor, const Names& names, store::Role role) {
  const auto typed = taken_apart(before_cursor);
  return typed ? completion_of(*typed, candidates_for(*typed, names, role)) : Completion{};
}

Completion complete_own(std::string_view before_cursor, const Names& names) {
  const auto typed = taken_apart(before_cursor);
  if (!typed) return {};
  return completion_of(
      *typed, candidates_for({.words = own_words(typed->words), .last = typed->last}, names, store::Role::user));
}
}  // namespace bastion::admin
