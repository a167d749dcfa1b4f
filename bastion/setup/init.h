// `bastion init`: everything a bastion needs before it can serve.
#pragma once

#include <string>

#include "bastion/base/result.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

// State directory, database, host keys and identity. What is there already stays. Returns what is to be printed: where
// the bastion listens too, and how to add the first administrator where nobody can log in as one.
[[nodiscard]] Result<std::string> init(const config::Config& config);

// The same, and the first administrator with a key. `key` is a KEY argument as on the command line.
[[nodiscard]] Result<std::string> init(const config::Config& config, const std::string& admin, const std::string& key);

}  // namespace bastion::setup
