#include "bastion/transport/auth_request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/server_session.h"

namespace bastion::transport {
namespace {

constexpr std::string_view kHostbound = "publickey-hostbound-v00@openssh.com";

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

AuthRequest::Kind kind_of(const UserauthFields& fields) {
  using Kind = AuthRequest::Kind;
  if (fields.method == "none") return Kind::none;
  if (!fields.usable) return Kind::other;
  return fields.is_signed ? Kind::signed_ : Kind::probe;
}

}  // namespace

Result<UserauthFields> parse_userauth_request(Bytes packet) {
  WireReader in(packet);
  UserauthFields fields;
  in.u8();
  fields.user = in.text();
  const auto service = in.text();
  fields.method = in.text();
  if (!in.ok()) return fail("malformed authentication request");
  if (service != "ssh-connection") return fail("a request for the service {}", service);
  if (fields.method != "publickey" && fields.method != kHostbound) return fields;

  fields.is_signed = in.boolean();
  fields.algorithm = in.text();
  const auto blob = in.string();
  if (fields.method == kHostbound) in.string();
  fields.key = {.type = std::string(WireReader(blob).text()), .blob = {blob.begin(), blob.end()}};
  fields.usable = signs_with(fields.algorithm, fields.key.type) && !objection(fields.key);
  if (fields.is_signed) fields.usable &= is_usable_signature(fields.algorithm, in.string());
  if (!in.at_end()) return fail("malformed public key authentication request");
  return fields;
}

AuthRequest::AuthRequest(ServerSession& session, ByteVector packet, UserauthFields fields)
    : session_(&session), packet_(std::move(packet)), fields_(std::move(fields)), kind_(kind_of(fields_)) {}

AuthRequest::AuthRequest(AuthRequest&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)),
      packet_(std::move(other.packet_)),
      fields_(std::move(other.fields_)),
      kind_(other.kind_),
      proof_(other.proof_) {}

AuthRequest::~AuthRequest() { deny(); }

bool AuthRequest::proven() {
  if (session_ == nullptr || kind_ != Kind::signed_) return false;
  if (proof_ == Proof::unknown) proof_ = session_->verify(packet_) ? Proof::right : Proof::wrong;
  return proof_ == Proof::right;
}

void AuthRequest::deny() {
  if (auto* const session = std::exchange(session_, nullptr)) session->answer_denied();
}

void AuthRequest::grant() {
  if (kind_ != Kind::probe && !proven()) return deny();
  auto* const session = std::exchange(session_, nullptr);
  if (session == nullptr) return;
  kind_ == Kind::probe ? session->answer_would_do(fields_) : session->answer_granted();
}

}  // namespace bastion::transport
