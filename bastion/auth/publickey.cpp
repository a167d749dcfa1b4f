#include "bastion/auth/publickey.h"

#include <algorithm>
#include <array>

#include "bastion/base/wire_format.h"

namespace bastion::auth {
namespace {

// OpenSSH's PROTOCOL.u2f: string type, string signature, byte flags, uint32 counter.
constexpr std::uint8_t kUserPresent = 0x01;
constexpr std::uint8_t kUserVerified = 0x04;

// The algorithms that sign with a type of key, and how they are called where a certificate is shown in its place. SHA-1
// (`ssh-rsa`) is refused, as OpenSSH refuses it.
struct Signing {
  std::string_view algorithm;
  std::string_view key_type;
  std::string_view of_certificate;
};
constexpr std::array<Signing, 8> kSigning{{
    {"ssh-ed25519", "ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com"},
    {"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256-cert-v01@openssh.com"},
    {"ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp384-cert-v01@openssh.com"},
    {"ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521", "ecdsa-sha2-nistp521-cert-v01@openssh.com"},
    {"rsa-sha2-256", "ssh-rsa", "rsa-sha2-256-cert-v01@openssh.com"},
    {"rsa-sha2-512", "ssh-rsa", "rsa-sha2-512-cert-v01@openssh.com"},
    {"sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519@openssh.com", "sk-ssh-ed25519-cert-v01@openssh.com"},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
     "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com"},
}};

const Signing* find_signing(std::string_view algorithm, std::string_view Signing::* name) {
  const auto* const found = std::ranges::find(kSigning, algorithm, name);
  return found == kSigning.end() ? nullptr : found;
}

bool is_security_key(std::string_view type) { return type.starts_with("sk-"); }

struct SignatureFlags {
  bool present = true;
  bool verified = false;
};

// Of a signature by this algorithm; nothing when it is none.
std::optional<SignatureFlags> flags_of(std::string_view algorithm, Bytes signature) {
  WireReader in(signature);
  if (in.text() != algorithm) return std::nullopt;
  in.string();
  SignatureFlags flags;
  if (is_security_key(algorithm)) {
    const auto bits = in.u8();
    in.u32();
    flags = {.present = (bits & kUserPresent) != 0, .verified = (bits & kUserVerified) != 0};
  }
  return in.at_end() && flags.present ? std::optional(flags) : std::nullopt;
}

// The fields of either form of the method.
struct Fields {
  bool is_signed = false;
  std::string_view algorithm;
  Bytes blob;
  std::optional<Bytes> signature;
};

std::optional<Fields> fields_in(std::string_view method, Bytes bytes) {
  WireReader in(bytes);
  Fields fields;
  fields.is_signed = in.boolean();
  fields.algorithm = in.text();
  fields.blob = in.string();
  if (method == kPublickeyHostbound) in.string();
  if (fields.is_signed) fields.signature = in.string();
  return in.at_end() ? std::optional(fields) : std::nullopt;
}

std::optional<PublickeyClaim> claimed_with(const Signing& signing, const Fields& fields, SignatureFlags flags) {
  KeyClaim claim{
      .key = {.type = std::string(WireReader(fields.blob).text()), .blob = {fields.blob.begin(), fields.blob.end()}},
      .algorithm = std::string(fields.algorithm),
      .is_signed = fields.is_signed,
      .user_verified = flags.verified};
  if (claim.key.type != signing.key_type || transport::objection(claim.key)) return std::nullopt;
  return claim;
}

std::optional<PublickeyClaim> certified_with(const Signing& signing, const Fields& fields, SignatureFlags flags) {
  auto certificate = transport::parse_user_certificate(fields.blob);
  if (!certificate || certificate->key.type != signing.key_type) return std::nullopt;
  return CertificateClaim{.certificate = *std::move(certificate),
                          .algorithm = std::string(fields.algorithm),
                          .is_signed = fields.is_signed,
                          .user_verified = flags.verified};
}

}  // namespace

std::optional<PublickeyClaim> claimed_key(std::string_view method, Bytes fields) {
  const auto read = fields_in(method, fields);
  if (!read) return std::nullopt;
  const auto* const plain = find_signing(read->algorithm, &Signing::algorithm);
  const auto* const signing = plain != nullptr ? plain : find_signing(read->algorithm, &Signing::of_certificate);
  if (signing == nullptr) return std::nullopt;
  const auto flags = read->signature ? flags_of(signing->algorithm, *read->signature) : SignatureFlags{};
  if (!flags) return std::nullopt;
  return plain != nullptr ? claimed_with(*signing, *read, *flags) : certified_with(*signing, *read, *flags);
}

}  // namespace bastion::auth
