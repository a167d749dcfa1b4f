// Tab in a shell behind `bastion`: what the console's Tab has, with the words of the program before it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bastion::admin {

// A word that may stand behind `bastion`, with its options.
struct Verb {
  std::string name;
  std::vector<std::string> options;
};

// What could stand next on a shell's command line, whose text up to the cursor begins with the program's name: one
// candidate on each line; none where it may be a file, or anything. Names of users, backends and containers are there
// if the database can be read, that of the configuration which the line, `environment` or else nobody names. Changes
// nothing and leaves no row in the audit.
[[nodiscard]] std::string shell_candidates(std::string_view before_cursor, const std::vector<Verb>& verbs,
                                           const char* environment);

}  // namespace bastion::admin
