// Command lines from the table of commands, with what usually stands in them in the world of command_world.h.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/grammar/command.h"

namespace bastion::test {

using Words = std::vector<std::string>;

// A small document of each kind that is read. KEY stands for a public key.
inline constexpr const char* kManifest = R"({"version": 1,
  "users": [{"name": "carol", "role": "user", "disabled": false, "options": "no-pty", "idle_timeout": "30m",
             "max_session": "none", "keys": [{"key": "KEY", "options": "restrict", "expires": "2026-12-31"}]}],
  "backends": [{"name": "be9", "address": "10.1.1.19:22", "login": "hop", "via": "be1", "route": "hop", "capacity": 30,
                "legacy": false, "identity": "certificate", "state": "active", "host_key": "KEY"}],
  "containers": [{"owner": "carol", "name": "db", "backend": "be9", "address": "10.0.3.109:22", "login": "root",
                  "default": true, "legacy": true, "identity": "key", "host_key": null, "shares": [{"user": "alice", "expires": "2026-12-31"}]}]})";
inline constexpr const char* kInstances = R"([{"name": "carol", "status": "Running", "location": "be1",
  "expanded_devices": {"eth0": {"type": "nic", "name": "eth0"}},
  "state": {"network": {"eth0": {"host_name": "veth1",
    "addresses": [{"family": "inet", "scope": "global", "address": "10.0.9.7"}]}}}}])";
inline constexpr const char* kPipes = R"({"version": "1.0", "pipes": [
  {"from": [{"username": "ruth", "authorized_keys_data": "a2V5", "username_regex_match": false, "groupname": "g"}],
   "to": {"host": "10.0.9.8:22", "username": "ruth", "ignore_hostkey": true, "known_hosts_data": "a2V5",
          "private_key": "k", "password": "p"}}]})";

// What a parameter is given when another one is looked at: most of it means something in this world.
inline std::string usual_value(const admin::Command& command, const admin::Parameter& parameter) {
  static const std::map<std::string, std::string, std::less<>> kUsual{
      {"NAME user", "alice"},
      {"NAME backend", "be1"},
      {"NAME container", "alice/web"},
      {"USER", "alice"},
      {"KEY", "-"},
      {"HOST", "10.1.1.99"},
      {"NETWORK", "192.0.2.7"},
      {"HOST host-key", "be1"},
      {"--login", "root"},
      {"--owner", "alice"},
      {"--backend", "be1"},
      {"--address", "10.0.3.9"},
      {"--role", "admin"},
      {"ID", "s1"},
      {"FINGERPRINT", "oIVTIburEfZKUwOmv9YkLGMk4rLhYLrW27NcxmLbxTU"},
      {"FILE", "-"},
      {"DIR", "-"},
      {"--user", "alice"},
      {"--key", "-"},
      {"--host-key", "-"},
      {"--via", "be1"},
      {"--options", "no-pty"},
      {"--idle-timeout", "30m"},
      {"--max-session", "none"},
      {"--expires", "2026-12-31"},
      {"--since", "30d"},
      {"--container", "alice/web"},
      {"--after container", "alice/web"},
      {"--after", "alice"},
      {"--from", "10.0.0.1"},
      {"TO", "backup.db"},
      {"FROM", "backup.db"}};
  if (command.words.ends_with(" add") && parameter.name == "NAME") return "new";
  const auto group = command.words.substr(0, command.words.find(' '));
  auto found = kUsual.find(fmt::format("{} {}", parameter.name, group));
  if (found == kUsual.end()) found = kUsual.find(parameter.name);
  return found == kUsual.end() ? "1" : found->second;
}

inline Words words_of(std::string_view text) {
  Words words;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    words.emplace_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

inline void give(Words& words, const admin::Parameter& parameter, const std::string& value) {
  if (parameter.is_option()) words.emplace_back(parameter.name);
  if (!parameter.is_flag()) words.push_back(value);
}

// The command with what it needs, and this value for this parameter.
inline Words usual_words(const admin::Command& command, const admin::Parameter& what, const std::string& value) {
  auto words = words_of(command.words);
  bool choice_is_made =
      what.presence == admin::Parameter::Presence::one_of || what.presence == admin::Parameter::Presence::some_of;
  for (const auto& parameter : command.parameters) {
    const bool is_choice = parameter.presence == admin::Parameter::Presence::one_of ||
                           parameter.presence == admin::Parameter::Presence::some_of;
    if (&parameter == &what) {
      give(words, parameter, value);
    } else if (parameter.presence == admin::Parameter::Presence::required || (is_choice && !choice_is_made)) {
      give(words, parameter, usual_value(command, parameter));
      choice_is_made |= is_choice;
    }
  }
  return words;
}

}  // namespace bastion::test
