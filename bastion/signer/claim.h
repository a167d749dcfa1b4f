// What the bytes are that somebody wants to have signed. There are four things; what is none of them is not signed.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::signer {

// The hash of a key exchange, that a host signs (RFC 4253 section 8). Nothing can be said of it but its size: that of
// SHA-256, SHA-384 or SHA-512. None of those below is so short.
struct ExchangeHash {};

// The proof of a host key that a client has asked for (hostkeys-prove-00@openssh.com, OpenSSH's PROTOCOL).
struct HostKeyProof {
  Bytes session_id;
  Bytes host_key;
};

// An authentication request of publickey (RFC 4252 section 7).
struct Login {
  Bytes session_id{};
  std::string account{};
  std::string algorithm{};
  Bytes key{};
  bool is_host_bound = false;  // publickey-hostbound-v00@openssh.com: it names the host it is for
  Bytes host_key{};            // then
};

// A user certificate as its CA signs it (OpenSSH's PROTOCOL.certkeys): for a key of ssh-ed25519, with one principal and
// no critical option.
struct Certificate {
  std::string key_id{};
  std::string account{};  // the principal
  std::uint64_t valid_after = 0;
  std::uint64_t valid_before = 0;
  std::vector<std::string_view> extensions{};  // none has a value
  Bytes ca{};
};

using Claim = std::variant<ExchangeHash, HostKeyProof, Login, Certificate>;

// The claim has views into `data`.
[[nodiscard]] Result<Claim> parse_claim(Bytes data);

}  // namespace bastion::signer
