// An authentication request is an object that is granted or denied, once; one that is dropped is denied.
#pragma once

#include <memory>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/libssh_private.h"

namespace bastion::transport {

class ServerSession;

// The fields of SSH_MSG_USERAUTH_REQUEST (RFC 4252 section 5 and 7) that libssh does not pass on.
struct UserauthFields {
  std::string user;
  std::string method;
  std::string algorithm;  // publickey only, as the rest
  PublicKey key;
  bool is_signed = false;
  bool signature_usable = true;  // of the algorithm it claims; made by a touch, where the key is a security key
};

// `packet` is the whole message. Malformed fields are an error: deny.
[[nodiscard]] Result<UserauthFields> parse_userauth_request(Bytes packet);

class AuthRequest {
 public:
  enum class Kind : std::uint8_t {
    other,   // a method we do not offer; "none" among them
    probe,   // would this key do? (RFC 4252 section 7, without signature)
    signed_  // possession of the key is proven
  };

  AuthRequest(ServerSession& session, ssh_message message, Kind kind, UserauthFields fields);
  AuthRequest(AuthRequest&& other) noexcept;
  AuthRequest& operator=(AuthRequest&& other) = delete;
  ~AuthRequest();

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& user() const { return fields_.user; }
  [[nodiscard]] const PublicKey& key() const { return fields_.key; }

  // A probe is told that the key would do; a signed request is the end of authentication.
  void grant();
  void deny();

 private:
  struct FreeMessage {
    void operator()(ssh_message message) const;
  };

  ServerSession* session_;
  std::unique_ptr<ssh_message_struct, FreeMessage> message_;
  Kind kind_;
  UserauthFields fields_;
};

}  // namespace bastion::transport
