// An authentication request is an object that is granted or denied, once; one that is dropped is denied. What its
// method makes of it is the business of bastion/auth.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/transport/keyboard_interactive.h"

namespace bastion::transport {

class ServerSession;

// The fields of every SSH_MSG_USERAUTH_REQUEST (RFC 4252 section 5).
struct UserauthFields {
  std::string user;
  std::string method;
  std::size_t head = 0;  // bytes of the packet up to here; the method's own fields are behind them
};

// `packet` is the whole message. Malformed fields, and those for another service than ssh-connection, are an error.
[[nodiscard]] Result<UserauthFields> parse_userauth_request(Bytes packet);

// Why there are no answers: those that came are none, or the client has begun another attempt instead (RFC 4252 section
// 5), and this one is to be abandoned.
enum class Unanswered : std::uint8_t { malformed, abandoned };
using Reply = std::expected<Answers, Unanswered>;

class AuthRequest {
 public:
  // `packet` is what `fields` were read from.
  AuthRequest(ServerSession& session, ByteVector packet, UserauthFields fields);
  AuthRequest(AuthRequest&& other) noexcept;
  AuthRequest& operator=(AuthRequest&& other) = delete;
  ~AuthRequest();

  [[nodiscard]] const std::string& user() const { return fields_.user; }
  // Empty where the request was malformed.
  [[nodiscard]] const std::string& method() const { return fields_.method; }
  // What the method says, in its own format.
  [[nodiscard]] Bytes fields() const { return Bytes{packet_}.subspan(fields_.head); }

  // Whether the signature in a request of publickey (RFC 4252 section 7) is right. To verify one costs time that others
  // wait for, so ask first whether the key would let anybody in.
  [[nodiscard]] bool verify_signature();

  // Asks the user something, in a request of keyboard-interactive (RFC 4256): SSH_MSG_USERAUTH_INFO_REQUEST. May be
  // called again with the reply, and is answered by none of it.
  [[nodiscard]] Task<Reply> ask(Questions questions);
  // SSH_MSG_USERAUTH_BANNER (RFC 4252 section 5.4): a text for the user, before the answer.
  void say(std::string_view text);

  // SSH_MSG_USERAUTH_PK_OK: this key would do (section 7).
  void answer_would_do(std::string_view algorithm, Bytes blob);
  // SSH_MSG_USERAUTH_PASSWD_CHANGEREQ: to a request of password (section 8), which is neither granted nor denied;
  // another one comes with the new password.
  void ask_for_change(std::string_view prompt);
  // SSH_MSG_USERAUTH_SUCCESS: the end of authentication.
  void grant();
  // SSH_MSG_USERAUTH_FAILURE, with partial success (section 5.1): this was right, and not all that is needed.
  // `can_continue` is the name-list of the methods by which it can go on.
  void grant_in_part(std::string_view can_continue);
  // The same without; and where nothing is said, by those of the profile.
  void deny(std::string_view can_continue);
  void deny();
  // Nothing is said: the client has begun another one.
  void abandon();

 private:
  ServerSession* session_;  // nullptr: it is answered
  ByteVector packet_;
  UserauthFields fields_;
};

}  // namespace bastion::transport
