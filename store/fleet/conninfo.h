// What libpq understands of a connection string (PostgreSQL manual, "Connection Strings").
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::store::fleet {

// The files that it names, for passwords, certificates and their keys. The error says why it is no connection string.
[[nodiscard]] Result<std::vector<std::filesystem::path>> files_of(const std::string& conninfo);

// Whether one of its servers is reached through a unix socket. The error as above.
[[nodiscard]] Result<bool> names_a_unix_socket(const std::string& conninfo);

}  // namespace bastion::store::fleet
