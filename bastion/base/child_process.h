// Another program, run to its end. It blocks: not on the thread of a loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"

namespace bastion {

struct ChildProcess {
  std::vector<std::string> arguments;  // the first one is the program: a path, or a name to be looked for in kPath
  std::string input = {};              // its standard input, which it may also open as /dev/stdin, more than once
  std::size_t longest = 0;             // bytes that it may print; standard error counts too
  std::chrono::milliseconds within{0};
};

// The only directories in which a program is looked for, and the only thing its environment tells it of ours.
inline constexpr const char* kPath = "/usr/local/bin:/usr/bin:/bin";

struct ChildOutcome {
  std::optional<int> status;  // nothing: a signal ended it
  std::string out;
  std::string err;
};

// No shell is involved, and who starts $SHELL gets one that only fails. No signal is blocked or ignored there, and
// nothing is inherited but standard streams. The error says that there is no such program, or that it was ended: for
// printing too much or taking too long.
[[nodiscard]] Result<ChildOutcome> run_child(const ChildProcess& child);

// Whether run_child() would find it.
[[nodiscard]] bool is_program(const std::string& name);

}  // namespace bastion
