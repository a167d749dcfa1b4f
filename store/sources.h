// What says where the containers of backends are, as bastion/follow reads and writes it. A column of backends that
// nobody reads who gets there.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

class Sources {
 public:
  struct Set {
    std::int64_t backend = 0;
    std::string name;  // of the backend
    std::string text;  // bastion/follow/source.h
  };

  explicit Sources(Database& database);

  // Of every backend that has one, by name.
  [[nodiscard]] Result<std::vector<Set>> all();
  // Empty where there is none, and of a backend that there is not.
  [[nodiscard]] Result<std::string> of_backend(std::int64_t backend);

  // Inside Database::change.
  [[nodiscard]] Result<> set(std::int64_t backend, std::string_view text);

 private:
  Statement all_;
  Statement of_backend_;
  Statement set_;
};

}  // namespace bastion::store
