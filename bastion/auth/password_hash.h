// Argon2id (RFC 9106) by libsodium, as PHC strings: `$argon2id$v=19$m=65536,t=2,p=1$SALT$HASH`. To make one, and to
// compare with one, costs 64 MiB and 50 to 100 ms of a processor: never on a loop.
#pragma once

#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::auth {

// With a salt of its own. The error: the system has no memory for it.
[[nodiscard]] Result<std::string> hash_of_password(std::string_view password);
// Whether it is a hash of this password; of what is no hash of ours, false. The error is the same.
[[nodiscard]] Result<bool> is_password(const std::string& hash, std::string_view password);
// A hash of nothing, with which a password is compared that is nobody's: it costs as much.
[[nodiscard]] const std::string& nobodys_hash();

}  // namespace bastion::auth
