// What OpenSSH hashes the names in known_hosts with.
#pragma once

#include <string>
#include <string_view>

namespace bastion {

// HMAC with SHA-1 (RFC 2104), 20 bytes; empty when the library refuses.
[[nodiscard]] std::string hmac_sha1(std::string_view key, std::string_view text);

}  // namespace bastion
