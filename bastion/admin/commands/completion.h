// What could stand next on a command line, from the table of commands and from the names there are. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace bastion::admin {

struct Names {
  std::vector<std::string> users;
  std::vector<std::string> backends;
  std::vector<std::string> containers;                                        // owner/name
  std::map<std::string, std::vector<std::string>, std::less<>> fingerprints;  // by user
  std::vector<std::string> sessions;                                          // ids
  std::vector<std::string> bans = {};                                         // networks
};

struct Completion {
  std::string insert;  // at the cursor: what all candidates have in common; and a blank, if there is one
  std::vector<std::string> candidates;  // sorted
};

[[nodiscard]] Completion complete(std::string_view before_cursor, const Names& names);

}  // namespace bastion::admin
