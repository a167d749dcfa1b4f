// Containers that others than their owners may enter.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Share {
  std::string container;                                  // owner/name
  std::string user;                                       // empty: with a group
  std::string group = {};                                 // whoever is in it
  std::optional<std::int64_t> expires_at = std::nullopt;  // from then on it is not open to the user any more
};

class Shares {
 public:
  explicit Shares(Database& database);

  // With whom a container is shared, ended shares too; users by name, then groups by name.
  [[nodiscard]] Result<std::vector<Share>> of_container(std::int64_t container);
  // All of them, by container, and then in the same way.
  [[nodiscard]] Result<std::vector<Share>> all();

  // Until `expires_at`, if it is given. A share that is there already gets the new time.
  [[nodiscard]] Result<> add(std::int64_t container, std::int64_t user, std::optional<std::int64_t> expires_at);
  // False when there was none.
  [[nodiscard]] Result<bool> remove(std::int64_t container, std::int64_t user);
  // The same with a group (store/groups.h).
  [[nodiscard]] Result<> add_group(std::int64_t container, std::int64_t group, std::optional<std::int64_t> expires_at);
  [[nodiscard]] Result<bool> remove_group(std::int64_t container, std::int64_t group);

 private:
  Statement of_container_;
  Statement all_;
  Statement add_;
  Statement remove_;
  Statement add_group_;
  Statement remove_group_;
};

}  // namespace bastion::store
