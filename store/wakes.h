// What the bastion may start when a login cannot get there. Columns of containers and backends that nobody reads who
// gets there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

class Wakes {
 public:
  explicit Wakes(Database& database);

  // Whether it may be started. Of a container that there is not: no.
  [[nodiscard]] Result<bool> of_container(std::int64_t container);
  // The hook that starts it; empty where there is none, and of a backend that there is not.
  [[nodiscard]] Result<std::string> of_backend(std::int64_t backend);

  // Inside Database::change.
  [[nodiscard]] Result<> set_container(std::int64_t container, bool wakes);
  [[nodiscard]] Result<> set_backend(std::int64_t backend, std::string_view hook);

 private:
  Statement of_container_;
  Statement of_backend_;
  Statement set_container_;
  Statement set_backend_;
};

}  // namespace bastion::store
