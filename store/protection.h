// What belongs to those who have a role, and what decides whom the bastion trusts: rows that only administrators
// change. Whoever gives a command that others may give too is measured by what has become of them, whatever the command
// is.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::store {

class Database;

class Protection {
 public:
  // As it is now. Reads what those with a role have, not what everybody has.
  [[nodiscard]] static Result<Protection> read(Database& database);

  // What is another one than before, as sentences name it (`user root`, `container root/web`); nothing where all is
  // as it was. Of what lets others in (shares, memberships) some may be gone.
  [[nodiscard]] std::optional<std::string> changed_since(const Protection& before) const;

 private:
  // What it is about, and all that is said of it.
  struct Fact {
    std::string about;
    std::string text;

    auto operator<=>(const Fact&) const = default;
  };

  std::vector<Fact> fixed_;    // sorted
  std::vector<Fact> at_most_;  // sorted
};

}  // namespace bastion::store
