// The server role: what a user's client talks to.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/task.h"
#include "bastion/transport/auth_request.h"
#include "bastion/transport/server_profile.h"
#include "bastion/transport/session.h"

namespace bastion::transport {

class ServerSession final : public Session {
 public:
  // Says the version line at once. `profile` must outlive the session.
  ServerSession(std::unique_ptr<ByteStream> stream, ServerProfile& profile);
  ~ServerSession() override { waiting_requests_.clear(); }

  // The authentication requests (RFC 4252) in their order. Await the next one, then grant or deny it, at once or
  // later: the client is not read until then. libssh sees none of them but those whose proof is asked for.
  [[nodiscard]] Stream<AuthRequest>& auth_requests() { return auth_requests_; }
  [[nodiscard]] bool authenticated() const { return authenticated_; }
  [[nodiscard]] bool has_version_line() const { return has_version_line_; }

  // Its version line, which is whatever it says of itself; empty before there is one.
  [[nodiscard]] std::string_view client_version() const;

  // SSH_MSG_USERAUTH_BANNER (RFC 4252 section 5.4): lines to read before authentication, which end with `\r\n`.
  void say_banner(std::string_view lines);

  // Where it has got to after leave_stream(). `profile` must outlive it from here on.
  void move_to(std::unique_ptr<ByteStream> stream, ServerProfile& profile);

  // Tells the client all our host keys (hostkeys-00@openssh.com), so that it can learn those it does not know yet.
  void announce_host_keys();
  // The answer to hostkeys-prove-00@openssh.com: a signature for each key asked for, or nothing if one is
  // not ours or one is asked for twice. Nobody needs it more than a few times.
  [[nodiscard]] std::optional<ByteVector> prove_host_keys(Bytes request);

 private:
  friend class AuthRequest;

  void on_role_step() override;
  bool on_userauth_request(Bytes packet) override;
  bool on_userauth_answers(Bytes packet) override;
  bool on_userauth_banner(Bytes packet) override;
  void on_role_lost(const Loss& loss) override;
  void look_for_version_line();
  void take_messages();
  void on_service_request(ssh_message message);
  void hand_out_request();
  void hand_out_reply();

  // What a request asks of us.
  [[nodiscard]] bool verify(Bytes packet);
  void ask(const Questions& questions);
  [[nodiscard]] Stream<Reply>& replies() { return replies_; }
  void answer_failure(std::string_view can_continue, bool partial_success);
  [[nodiscard]] std::string_view auth_methods() const { return profile_->auth_methods(); }
  void answer_would_do(std::string_view algorithm, Bytes blob);
  void answer_to_be_changed(std::string_view prompt);
  void answer_granted();
  void answered();

  ServerProfile* profile_;
  std::deque<ByteVector> waiting_requests_;  // what one read has brought: no more is read before they are answered
  bool takes_requests_ = false;              // the client has asked for the service (RFC 4252)
  bool request_is_out_ = false;
  std::optional<std::size_t> asked_;   // of the request that is out: so many questions are with the user
  std::optional<ByteVector> answers_;  // to them, as they came
  bool authenticated_ = false;
  bool has_version_line_ = false;
  int proofs_left_ = 4;
  Stream<Reply> replies_;
  Stream<AuthRequest> auth_requests_;  // goes first: a request that is dropped is denied
};

}  // namespace bastion::transport
