// A line that a shell is to run, as the simple commands that POSIX finds in it (Shell Command Language, 2.2 and 2.10).
// What is expanded is left as it stands. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bastion::access {

struct ShellLine {
  // Each as its words without their quotes; none is empty, but for the last one.
  std::vector<std::vector<std::string>> commands{1};
  // What stands in double quotes and has a command in it: "$(date)".
  std::vector<std::string> substituting = {};
};

// A quote that does not end ends with the line.
[[nodiscard]] ShellLine parse_shell_line(std::string_view line);

}  // namespace bastion::access
