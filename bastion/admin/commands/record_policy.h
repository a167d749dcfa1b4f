// `--record`, of users, groups and containers.
#pragma once

#include <cstdint>
#include <string>

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"
#include "bastion/base/result.h"
#include "store/record_policies.h"

namespace bastion::admin {

// Of whose row `set` says what. Nothing happens where it is not given.
using SetRecordPolicy = Result<> (store::RecordPolicies::*)(std::int64_t row, store::RecordPolicies::Said said);
[[nodiscard]] Result<> set_record(Context& context, const Arguments& arguments, std::int64_t row, SetRecordPolicy set);
// For the audit, behind the name.
[[nodiscard]] std::string record_in(const Arguments& arguments);

}  // namespace bastion::admin
