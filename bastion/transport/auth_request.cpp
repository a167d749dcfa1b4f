#include "bastion/transport/auth_request.h"

#include <libssh/server.h>

#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/server_session.h"

namespace bastion::transport {
namespace {

constexpr std::string_view kHostbound = "publickey-hostbound-v00@openssh.com";

// OpenSSH's PROTOCOL.u2f: string type, string signature, byte flags, uint32 counter.
constexpr std::uint8_t kUserPresent = 0x01;

bool is_security_key(std::string_view type) { return type.starts_with("sk-"); }

// A signature must be of the algorithm the request names. SHA-1 (`ssh-rsa`) is refused, as OpenSSH refuses it.
bool is_usable_signature(std::string_view algorithm, Bytes signature) {
  WireReader in(signature);
  if (in.text() != algorithm || algorithm == "ssh-rsa") return false;
  in.string();
  if (!is_security_key(algorithm)) return in.at_end();
  const auto flags = in.u8();
  in.u32();
  return in.at_end() && (flags & kUserPresent) != 0;
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
  if (fields.is_signed) fields.signature_usable = is_usable_signature(fields.algorithm, in.string());
  if (!in.at_end()) return fail("malformed public key authentication request");
  return fields;
}

void AuthRequest::FreeMessage::operator()(ssh_message message) const { ssh_message_free(message); }

AuthRequest::AuthRequest(ServerSession& session, ssh_message message, Kind kind, UserauthFields fields)
    : session_(&session), message_(message), kind_(kind), fields_(std::move(fields)) {}

AuthRequest::AuthRequest(AuthRequest&& other) noexcept = default;

AuthRequest::~AuthRequest() {
  if (message_) deny();
}

void AuthRequest::deny() {
  if (const auto message = std::exchange(message_, nullptr)) ssh_message_reply_default(message.get());
}

void AuthRequest::grant() {
  const auto message = std::exchange(message_, nullptr);
  if (!message) return;
  switch (kind_) {
    case Kind::other: ssh_message_reply_default(message.get()); return;
    case Kind::probe: ssh_message_auth_reply_pk_ok_simple(message.get()); return;
    case Kind::signed_:
      session_->authenticated_ = true;
      ssh_message_auth_reply_success(message.get(), 0);
      return;
  }
}

}  // namespace bastion::transport
