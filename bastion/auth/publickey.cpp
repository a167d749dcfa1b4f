#include "bastion/auth/publickey.h"

#include <algorithm>
#include <array>

#include "bastion/base/wire_format.h"

namespace bastion::auth {
namespace {

// OpenSSH's PROTOCOL.u2f: string type, string signature, byte flags, uint32 counter.
constexpr std::uint8_t kUserPresent = 0x01;

// The algorithms that sign with a type of key. SHA-1 (`ssh-rsa`) is refused, as OpenSSH refuses it.
struct Signing {
  std::string_view algorithm;
  std::string_view key_type;
};
constexpr std::array<Signing, 8> kSigning{{
    {"ssh-ed25519", "ssh-ed25519"},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384"},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521"},
    {"rsa-sha2-256", "ssh-rsa"},
    {"rsa-sha2-512", "ssh-rsa"},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com"},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"},
}};

bool signs_with(std::string_view algorithm, std::string_view key_type) {
  return std::ranges::any_of(
      kSigning, [&](const Signing& signing) { return signing.algorithm == algorithm && signing.key_type == key_type; });
}

bool is_security_key(std::string_view type) { return type.starts_with("sk-"); }

// A signature must be of the algorithm the request names.
bool is_usable_signature(std::string_view algorithm, Bytes signature) {
  WireReader in(signature);
  if (in.text() != algorithm) return false;
  in.string();
  if (!is_security_key(algorithm)) return in.at_end();
  const auto flags = in.u8();
  in.u32();
  return in.at_end() && (flags & kUserPresent) != 0;
}

}  // namespace

std::optional<KeyClaim> claimed_key(std::string_view method, Bytes fields) {
  WireReader in(fields);
  KeyClaim claim;
  claim.is_signed = in.boolean();
  claim.algorithm = in.text();
  const auto blob = in.string();
  if (method == kPublickeyHostbound) in.string();
  claim.key = {.type = std::string(WireReader(blob).text()), .blob = {blob.begin(), blob.end()}};
  const bool usable = signs_with(claim.algorithm, claim.key.type) && !transport::objection(claim.key) &&
                      (!claim.is_signed || is_usable_signature(claim.algorithm, in.string()));
  return usable && in.at_end() ? std::optional(std::move(claim)) : std::nullopt;
}

}  // namespace bastion::auth
