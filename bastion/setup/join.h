// `bastion join`: makes this bastion one of a fleet, the first one or a further one.
#pragma once

#include <string>

#include "bastion/base/result.h"
#include "bastion/setup/join_terms.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

// By what is there: the directory of this machine becomes that of a fleet that has none, and its keys are put into the
// fleet's database, sealed; or, where there is nothing here, keys and directory come from there; or, where both have
// one, this one comes along (merge.h). Done again it says what is so, and goes on where it was interrupted. No bastion
// may serve from the state directory. Returns what is to be printed; of the first one the join key is the last line.
[[nodiscard]] Result<std::string> join(const config::Config& config, const JoinTerms& terms,
                                       const ReadJoinKey& read_key);

}  // namespace bastion::setup
