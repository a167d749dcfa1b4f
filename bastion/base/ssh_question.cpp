#include "bastion/base/ssh_question.h"

#include <chrono>

namespace bastion {

Result<ChildOutcome> run_ssh(const SshQuestion& question) {
  if (question.config.size() > kLongestSshConfig) return fail("the configuration is too long for ssh");
  ChildProcess ssh{.arguments = {"ssh", "-G", "-F", kSshConfigFile},
                   .input = question.config,
                   .longest = kLongestSshAnswer,
                   .within = std::chrono::seconds{5}};
  const auto add_option = [&](const char* option, const std::string& value) {
    if (value.empty()) return;
    ssh.arguments.emplace_back(option);
    ssh.arguments.push_back(value);
  };
  add_option("-l", question.user);
  add_option("-p", question.port);
  add_option("-J", question.jumps);
  ssh.arguments.emplace_back("--");
  ssh.arguments.push_back(question.host);
  return run_child(ssh);
}

}  // namespace bastion
