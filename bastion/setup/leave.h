// `bastion leave`: makes a bastion of a fleet one of its own again, with what it has.
#pragma once

#include <cstdint>
#include <string>

#include "bastion/base/result.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

enum class Parting : std::uint8_t {
  told,  // the others know that it goes, and it has all that they have
  alone  // where the fleet's database cannot be asked, with what is here
};

// The copy of the directory is this bastion's alone from now on; host keys and identity stay as they are. No bastion
// may serve from the state directory. Done again after it was interrupted, it goes on. Returns what is to be printed.
[[nodiscard]] Result<std::string> leave(const config::Config& config, Parting parting);

}  // namespace bastion::setup
