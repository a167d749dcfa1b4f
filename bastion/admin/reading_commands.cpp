#include "bastion/admin/reading_commands.h"

#include "bastion/admin/commands/commands.h"

namespace bastion::admin {

std::vector<std::string> reading_commands() {
  std::vector<std::string> words;
  for (const auto& command : commands()) {
    if (command.effect == Command::Effect::reads) words.emplace_back(command.words);
  }
  return words;
}

}  // namespace bastion::admin
