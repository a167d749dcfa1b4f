// The server role: what a user's client talks to.
#pragma once

#include <optional>
#include <string>

#include "bastion/base/task.h"
#include "bastion/transport/auth_request.h"
#include "bastion/transport/server_profile.h"
#include "bastion/transport/session.h"

namespace bastion::transport {

class ServerSession final : public Session {
 public:
  // Says the version line at once. `profile` must outlive the session.
  ServerSession(std::unique_ptr<Wire> wire, ServerProfile& profile);

  // The authentication requests (RFC 4252) in their order. Await the next one, then grant or deny it.
  [[nodiscard]] Stream<AuthRequest>& auth_requests() { return auth_requests_; }
  [[nodiscard]] bool authenticated() const { return authenticated_; }

  // Tells the client all our host keys (hostkeys-00@openssh.com), so that it can learn those it does not know yet.
  void announce_host_keys();
  // The answer to hostkeys-prove-00@openssh.com: a signature for each key asked for, or nothing if one is
  // not ours or one is asked for twice. Nobody needs it more than a few times.
  [[nodiscard]] std::optional<ByteVector> prove_host_keys(Bytes request);

 private:
  friend class AuthRequest;

  void on_step() override;
  void on_userauth_request(Bytes packet) override;
  void on_role_lost(const Loss& loss) override;
  void take_messages();
  void deny_unanswered();

  ServerProfile& profile_;
  Stream<AuthRequest> auth_requests_;
  // What came in the USERAUTH_REQUEST that libssh is judging now.
  struct Judged {
    UserauthFields fields;
    std::uint64_t packets_sent = 0;
  };
  std::optional<Judged> judged_;
  bool authenticated_ = false;
  int proofs_left_ = 4;
};

}  // namespace bastion::transport
