// What ssh(1) is asked: what a configuration says of one host. That is `ssh -G`, a process of a few milliseconds, and
// the only program that is started for anybody who serves or commands.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "bastion/base/child_process.h"
#include "bastion/base/result.h"

namespace bastion {

struct SshQuestion {
  std::string config = {};  // its only configuration
  std::string host;
  std::string user = {};   // as -l has it; empty: nothing is said of that, as of the next two
  std::string port = {};   // -p
  std::string jumps = {};  // -J

  bool operator==(const SshQuestion&) const = default;
};

// By this name it reads what it is given as standard input.
inline constexpr const char* kSshConfigFile = "/proc/self/fd/0";
// Of its configuration, and of what it may print: bytes.
inline constexpr std::size_t kLongestSshConfig = std::size_t{5} * 1024 * 1024;
inline constexpr std::size_t kLongestSshAnswer = std::size_t{256} * 1024;

// Blocks, for five seconds at most. Its shell only fails (child_process.h): nothing that a configuration says is
// executed.
[[nodiscard]] Result<ChildOutcome> run_ssh(const SshQuestion& question);

// How somebody runs it: that function, or one who asks another process to.
using RunSsh = std::function<Result<ChildOutcome>(const SshQuestion& question)>;

}  // namespace bastion
