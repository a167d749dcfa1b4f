// Which fleet this bastion is one of.
#pragma once

#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::config {

struct Fleet {
  std::string database;  // where its log is, as libpq has it (PostgreSQL manual, "Connection Strings")
  std::string node;      // this bastion's name in it

  bool operator==(const Fleet&) const = default;
};

// The error says what is wrong with a connection string before libpq has seen it: a secret in it, which would be read
// by whoever reads the configuration.
[[nodiscard]] Result<> check_connection_string(std::string_view text);

}  // namespace bastion::config
