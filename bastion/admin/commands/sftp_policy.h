// `--sftp`, of users, groups and containers.
#pragma once

#include <cstdint>
#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/base/result.h"
#include "store/sftp_policies.h"

namespace bastion::admin {

// Of whose row `set` says what. Nothing happens where it is not given.
using SetSftpPolicy = Result<> (store::SftpPolicies::*)(std::int64_t row, std::string_view policy);
[[nodiscard]] Result<> set_sftp(Context& context, const Arguments& arguments, std::int64_t row, SetSftpPolicy set);
// For the audit, behind the name.
[[nodiscard]] std::string sftp_in(const Arguments& arguments);

}  // namespace bastion::admin
