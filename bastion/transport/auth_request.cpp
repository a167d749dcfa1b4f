#include "bastion/transport/auth_request.h"

#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/transport/server_session.h"

namespace bastion::transport {

Result<UserauthFields> parse_userauth_request(Bytes packet) {
  WireReader in(packet);
  UserauthFields fields;
  in.u8();
  fields.user = in.text();
  const auto service = in.text();
  fields.method = in.text();
  if (!in.ok()) return fail("malformed authentication request");
  if (service != "ssh-connection") return fail("a request for the service {}", service);
  fields.head = packet.size() - in.rest().size();
  return fields;
}

AuthRequest::AuthRequest(ServerSession& session, ByteVector packet, UserauthFields fields)
    : session_(&session), packet_(std::move(packet)), fields_(std::move(fields)) {}

AuthRequest::AuthRequest(AuthRequest&& other) noexcept
    : session_(std::exchange(other.session_, nullptr)),
      packet_(std::move(other.packet_)),
      fields_(std::move(other.fields_)) {}

AuthRequest::~AuthRequest() { deny(); }

bool AuthRequest::verify_signature() { return session_ != nullptr && session_->verify(packet_); }

Task<Reply> AuthRequest::ask(Questions questions) {
  if (session_ == nullptr) co_return std::unexpected(Unanswered::abandoned);
  session_->ask(questions);
  co_return co_await session_->replies().next();
}

void AuthRequest::say(std::string_view text) {
  if (session_ != nullptr) session_->say_banner(text);
}

void AuthRequest::answer_would_do(std::string_view algorithm, Bytes blob) {
  if (auto* const session = std::exchange(session_, nullptr)) session->answer_would_do(algorithm, blob);
}

void AuthRequest::ask_for_change(std::string_view prompt) {
  if (auto* const session = std::exchange(session_, nullptr)) session->answer_to_be_changed(prompt);
}

void AuthRequest::grant() {
  if (auto* const session = std::exchange(session_, nullptr)) session->answer_granted();
}

void AuthRequest::grant_in_part(std::string_view can_continue) {
  if (auto* const session = std::exchange(session_, nullptr)) session->answer_failure(can_continue, true);
}

void AuthRequest::deny(std::string_view can_continue) {
  if (auto* const session = std::exchange(session_, nullptr)) session->answer_failure(can_continue, false);
}

void AuthRequest::abandon() {
  if (auto* const session = std::exchange(session_, nullptr)) session->answered();
}

void AuthRequest::deny() {
  if (session_ != nullptr) deny(session_->auth_methods());
}

}  // namespace bastion::transport
