// User certificates as OpenSSH has them (PROTOCOL.certkeys), which a client shows in the place of a key. What is read
// here is a stranger's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/public_key.h"
#include "bastion/base/result.h"

namespace bastion::transport {

struct UserCertificate {
  ByteVector blob{};  // all of it
  PublicKey key{};    // that of the user
  std::uint64_t serial = 0;
  std::string key_id{};
  std::vector<std::string> principals{};
  std::uint64_t valid_after = 0;   // Unix seconds
  std::uint64_t valid_before = 0;  // the first second in which it is not; all ones: never
  // Critical options. There may be no others.
  std::optional<std::string> force_command{};
  std::optional<std::string> source_address{};  // a list of networks
  bool verify_required = false;                 // a security key has to ask for its PIN
  std::vector<std::string> extensions{};        // names; what they say beside that is nothing
  PublicKey ca{};

  [[nodiscard]] bool has(std::string_view extension) const;
  // valid_before as the store has times; nothing: for ever.
  [[nodiscard]] std::optional<std::int64_t> expires_at() const;
  bool operator==(const UserCertificate&) const = default;
};

// Well made, of a user, with critical options that are known. Whether the CA is trusted, and has signed it, is for the
// caller to ask, in that order. The error is what stands in the way, on one line.
[[nodiscard]] Result<UserCertificate> parse_user_certificate(Bytes blob);

// Why it is not valid at this time, in Unix seconds.
[[nodiscard]] std::optional<Error> objection_to_time(const UserCertificate& certificate, std::int64_t now);

// Whether the CA that it names has signed it, and not with SHA-1. Costs what verifying a signature costs.
[[nodiscard]] bool is_signed_by_its_ca(const UserCertificate& certificate);

}  // namespace bastion::transport
