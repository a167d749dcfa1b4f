// What every way of joining a fleet has to say and to write down.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/config/config.h"
#include "bastion/fleet/sealed_keys.h"
#include "store/database.h"
#include "store/fleet/common_keys.h"

namespace bastion::setup {

// What is not among them is a credential, and for the administrator to give to each machine. Empty where all are.
[[nodiscard]] std::string about_missing_keys(const std::vector<fleet::KeyFile>& files);

// The row of the audit. Inside of a transaction.
[[nodiscard]] Result<> note_joining(store::Database& database, const config::Config& config, std::string_view what);

// The fleet's keys. The error says that this is not the join key.
[[nodiscard]] Result<std::vector<fleet::KeyFile>> open_common_keys(store::fleet::CommonKeys& table,
                                                                   const Result<std::string>& join_key);

}  // namespace bastion::setup
