// What every way into a fleet, and out of it, has to ask, to say and to write down.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/fleet/sealed_keys.h"
#include "store/database.h"
#include "store/fleet/common_keys.h"
#include "store/fleet/nodes.h"

namespace bastion::setup {

// For an answer of the fleet's database about its nodes.
inline constexpr std::chrono::seconds kPatienceWithFleet{10};

// What is not among them is a credential, and for the administrator to give to each machine. Empty where all are.
[[nodiscard]] std::string about_missing_keys(const std::vector<fleet::KeyFile>& files);

// The row of the audit: `join` or `leave`, and how. Inside of a transaction.
[[nodiscard]] Result<> note_membership(store::Database& database, const std::string& node, std::string_view action,
                                       std::string_view how);

// Two bastions of one name would be one to everybody else. The error says so.
[[nodiscard]] Result<> check_name_is_free(store::fleet::Nodes& nodes, const std::string& name);

// A bastion that was removed is one of the fleet again, and can change the directory. Says so, or nothing.
[[nodiscard]] Result<std::string> readmit(store::fleet::Nodes& nodes, const std::string& name);

// The fleet's keys. The error says that this is not the join key.
[[nodiscard]] Result<std::vector<fleet::KeyFile>> open_common_keys(store::fleet::CommonKeys& table,
                                                                   const Result<std::string>& join_key);

}  // namespace bastion::setup
