// `bastion init`: everything a bastion needs before it can serve.
#pragma once

#include <string>

#include "bastion/base/result.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

// State directory, database, host keys, identity, and the first administrator with a key. What is there already stays.
// `key` is a KEY argument as on the command line. Returns what is to be printed.
[[nodiscard]] Result<std::string> init(const config::Config& config, const std::string& admin, const std::string& key);

}  // namespace bastion::setup
