#include "bastion/transport/server_session.h"

#include <libssh/server.h>

#include <utility>

#include "bastion/base/wire_format.h"

namespace bastion::transport {
namespace {

constexpr std::uint8_t kGlobalRequest = 80;

}  // namespace

ServerSession::ServerSession(std::unique_ptr<Wire> wire, ServerProfile& profile)
    : Session(std::move(wire)), profile_(profile) {
  auto* const session = engine().session();
  ssh_set_auth_methods(session, SSH_AUTH_METHOD_PUBLICKEY);
  profile_.accept(session);
  engine().listen_to_output();
  ssh_handle_key_exchange(session);
}

void ServerSession::on_userauth_request(Bytes packet) {
  auto fields = parse_userauth_request(packet);
  if (!fields) fields = UserauthFields{};
  judged_ = Judged{.fields = *std::move(fields), .packets_sent = engine().packets_sent()};
}

void ServerSession::on_step() {
  take_messages();
  deny_unanswered();
}

void ServerSession::take_messages() {
  while (auto* message = bastion_ssh_next_message(engine().session())) {
    switch (ssh_message_type(message)) {
      case SSH_REQUEST_SERVICE:
        ssh_message_service_reply_success(message);
        ssh_message_free(message);
        break;
      case SSH_REQUEST_AUTH: {
        const auto judged = std::exchange(judged_, std::nullopt);
        auto fields = judged ? judged->fields : UserauthFields{};
        auto kind = AuthRequest::Kind::other;
        if (!fields.key.blob.empty() && fields.signature_usable) {
          // libssh has verified the signature of what it queues as signed; a wrong one never gets here.
          kind = fields.is_signed ? AuthRequest::Kind::signed_ : AuthRequest::Kind::probe;
        }
        if (kind == AuthRequest::Kind::signed_ && !bastion_ssh_signature_verified(message)) {
          kind = AuthRequest::Kind::other;
        }
        auth_requests_.push(AuthRequest(*this, message, kind, std::move(fields)));
        break;
      }
      default: ssh_message_reply_default(message); ssh_message_free(message);
    }
  }
}

// libssh leaves a request with a key or a signature it cannot use without any answer, and the client would wait for
// ever. It gets the same answer as one with a wrong key.
void ServerSession::deny_unanswered() {
  const auto judged = std::exchange(judged_, std::nullopt);
  if (!judged || authenticated_ || engine().packets_sent() != judged->packets_sent) return;
  WireWriter failure;
  constexpr std::uint8_t kUserauthFailure = 51;
  failure.u8(kUserauthFailure).string(std::string_view{"publickey"}).boolean(false);
  send(failure.view());
  auth_requests_.push(AuthRequest(*this, nullptr, AuthRequest::Kind::other, judged->fields));
}

void ServerSession::on_role_lost(const Loss& /*loss*/) {}

void ServerSession::announce_host_keys() {
  WireWriter message;
  message.u8(kGlobalRequest).string(std::string_view{"hostkeys-00@openssh.com"}).boolean(false);
  for (const auto& key : profile_.public_keys()) message.string(key.blob);
  send(message.view());
}

std::optional<ByteVector> ServerSession::prove_host_keys(Bytes request) {
  const std::uint8_t* id = nullptr;
  const auto id_size = bastion_ssh_session_id(engine().session(), &id);
  if (id_size == 0 || proofs_left_ == 0) return std::nullopt;
  --proofs_left_;
  WireReader in(request);
  WireWriter proofs;
  // A signature costs time that others wait for: nobody needs more of them than there are keys.
  for (std::size_t keys = 0; in.ok() && !in.at_end(); ++keys) {
    if (keys == profile_.public_keys().size()) return std::nullopt;
    const auto blob = in.string();
    WireWriter challenge;
    challenge.string(std::string_view{"hostkeys-prove-00@openssh.com"}).string(Bytes{id, id_size}).string(blob);
    const auto proof = profile_.sign(blob, challenge.view());
    if (!in.ok() || !proof) return std::nullopt;
    proofs.string(*proof);
  }
  return proofs.take();
}

}  // namespace bastion::transport
