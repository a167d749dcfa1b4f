// `bastion join`: makes this bastion one of a fleet, the first one or a further one.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "bastion/base/result.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

// Asked for the join key, where it is needed.
using ReadJoinKey = std::function<Result<std::string>()>;

enum class Keys : std::uint8_t {
  as_they_are,
  sealed_anew,  // of a bastion that has joined: with another join key, and the one before opens nothing any more
};

// By what is there: the directory of this machine becomes that of a fleet that has none, and its keys are put into the
// fleet's database, sealed; or, where there is nothing here, keys and directory come from there. Done again it says
// what is so, and goes on where it was interrupted. No bastion may serve from the state directory. Returns what is to
// be printed; of the first one the join key is the last line.
[[nodiscard]] Result<std::string> join(const config::Config& config, Keys keys, const ReadJoinKey& read_key);

}  // namespace bastion::setup
