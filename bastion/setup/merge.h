// `bastion join --merge`: a bastion that has a directory of its own becomes one of a fleet, and brings it along.
#pragma once

#include <string>

#include "bastion/base/result.h"
#include "bastion/setup/join_terms.h"
#include "store/fleet/common_keys.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

// In this order, and each step can be interrupted, and all of it be done again:
//
//   1. a copy of the fleet's directory is made beside (new_state.h), and compared with what is here
//   2. what is here is put into the fleet's directory: one change of its log, from then on everybody's
//   3. the fleet's keys come in the place of those that are here (previous_state.h)
//   4. the directory here becomes the fleet's, in one transaction; sessions and audit stay, and are carried to the
//      fleet's records when the bastion serves
//
// The error names every collision, and what to type. Returns what is to be printed.
[[nodiscard]] Result<std::string> merge(const config::Config& config, const MergeTerms& terms,
                                        store::fleet::CommonKeys& table, const ReadJoinKey& read_key);

}  // namespace bastion::setup
