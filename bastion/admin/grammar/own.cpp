#include "bastion/admin/grammar/own.h"

#include <algorithm>

namespace bastion::admin {

bool is_own(const Command& command) {
  return command.words.starts_with(kOwnGroup) && command.words.substr(kOwnGroup.size()).starts_with(' ');
}

std::vector<std::string> own_words(std::vector<std::string> words) {
  const auto place = words.begin() + (!words.empty() && words.front() == "help" ? 1 : 0);
  if (place == words.end() || *place != kOwnGroup) words.insert(place, std::string(kOwnGroup));
  return words;
}

bool is_open(std::string_view names, std::string_view name) {
  while (!names.empty()) {
    const auto end = std::min(names.find(','), names.size());
    if (names.substr(0, end) == name) return true;
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return false;
}

Result<> must_be_open(const Command& command, const Context& context) {
  if (!is_own(command)) return {};
  if (!context.self) return fail("{} is for who has logged in: on this machine nobody has", command.words);
  if (command.noun.empty() || is_open(context.me, command.noun)) return {};
  return fail(
      "{} is switched off: what users do themselves is decided by the administrator of this bastion (`me` in "
      "bastion.toml, which has no \"{}\")",
      command.words, command.noun);
}

}  // namespace bastion::admin
