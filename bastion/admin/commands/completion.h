// What could stand next on a command line, from the table of commands, as far as it is for somebody with this role, and
// from the names there are. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/users.h"

namespace bastion::admin {

struct Names {
  std::vector<std::string> users;
  std::vector<std::string> backends;
  std::vector<std::string> containers;                                        // owner/name
  std::map<std::string, std::vector<std::string>, std::less<>> fingerprints;  // by user
  std::vector<std::string> sessions;                                          // ids
  std::vector<std::string> bans = {};                                         // networks
  std::vector<std::string> host_cas = {};                                     // fingerprints
  std::vector<std::string> cas = {};
  std::vector<std::string> groups = {};
};

struct Completion {
  std::string insert;  // at the cursor: what all candidates have in common; and a blank, if there is one
  std::vector<std::string> candidates;  // sorted
};

[[nodiscard]] Completion complete(std::string_view before_cursor, const Names& names, store::Role role);
// The same where only what is in grammar/own.h is typed.
[[nodiscard]] Completion complete_own(std::string_view before_cursor, const Names& names);

// The words before the one the cursor is in, and that one as far as it is typed.
struct Typed {
  std::vector<std::string> words;
  std::string last;
};
// Nothing inside of quotes that are not closed.
[[nodiscard]] std::optional<Typed> taken_apart(std::string_view before_cursor);
// What may stand in the place of the last word, sorted.
[[nodiscard]] std::vector<std::string> candidates(const Typed& typed, const Names& names, store::Role role);
// Those that begin with what is typed, sorted and each once.
[[nodiscard]] std::vector<std::string> that_begin_with(std::string_view typed, std::vector<std::string> words);

}  // namespace bastion::admin
