// `bastion identity rotate`: another identity key, with an overlap. Logins try the new one first and then the old one,
// from the next reload on, which hands over for it.
#pragma once

#include <cstdint>
#include <string>

#include "bastion/base/result.h"

namespace bastion::config {
struct Config;
}

namespace bastion::setup {

// Makes a new key; the one that was there is the old one from now on. One that was interrupted goes on where it was. An
// error while there is an old one already. Returns what is to be printed.
[[nodiscard]] Result<std::string> rotate_identity(const config::Config& config);

enum class Need : std::uint8_t { matters, is_no_matter };
// Removes the old key; an error where some account needs it, or may, as far as that matters.
[[nodiscard]] Result<std::string> finish_rotation(const config::Config& config, Need need);

// The same of the key of the CA. The new one signs nothing yet, so that every sshd can trust both before it does.
[[nodiscard]] Result<std::string> rotate_ca(const config::Config& config);
// The new one signs from the next reload on, and the old one is gone; an error where a backend or container is logged
// in to with certificates, as far as that matters: nobody but its administrator knows whether it trusts the new one.
[[nodiscard]] Result<std::string> finish_ca_rotation(const config::Config& config, Need need);

}  // namespace bastion::setup
