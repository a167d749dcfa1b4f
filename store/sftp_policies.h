// Which way files may go (bastion/access/sftp_access.h): columns of users, groups and containers that are read when
// files are about to go.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

class SftpPolicies {
 public:
  explicit SftpPolicies(Database& database);

  // What is said of the user, of their groups and of the container: each of it counts. Of what there is not, nothing.
  [[nodiscard]] Result<std::vector<std::string>> that_bind(std::int64_t user, std::int64_t container);

  // Of one that there is not: empty.
  [[nodiscard]] Result<std::string> of_user(std::int64_t user);
  [[nodiscard]] Result<std::string> of_group(std::int64_t group);
  [[nodiscard]] Result<std::string> of_container(std::int64_t container);

  // Inside Database::change.
  [[nodiscard]] Result<> set_user(std::int64_t user, std::string_view policy);
  [[nodiscard]] Result<> set_group(std::int64_t group, std::string_view policy);
  [[nodiscard]] Result<> set_container(std::int64_t container, std::string_view policy);

 private:
  Statement that_bind_;
  Statement of_user_;
  Statement of_group_;
  Statement of_container_;
  Statement set_user_;
  Statement set_group_;
  Statement set_container_;
};

}  // namespace bastion::store
