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

// The fields of SSH_MSG_USERAUTH_REQUEST (RFC 4252 section 5 and 7).
struct UserauthFields {
  std::string user;
  std::string method;
  std::string algorithm;  // publickey only, as the rest
  PublicKey key;
  bool is_signed = false;
  // Whether such a request could let anybody in: the key is sane, the algorithm one of that key and of today, and the
  // signature of the algorithm it claims; made by a touch, where the key is a security key.
  bool usable = false;
};

// `packet` is the whole message. Malformed fields are an error: deny. Nothing is computed with what it holds.
[[nodiscard]] Result<UserauthFields> parse_userauth_request(Bytes packet);

class AuthRequest {
 public:
  enum class Kind : std::uint8_t {
    none,    // "none": what would do? (RFC 4252 section 5.2)
    other,   // a method we do not offer, or one that cannot let anybody in, however it is meant
    probe,   // would this key do? (section 7, without signature)
    signed_  // proven() says whether they hold the key
  };

  // `packet` is what `fields` were read from.
  AuthRequest(ServerSession& session, ByteVector packet, UserauthFields fields);
  AuthRequest(AuthRequest&& other) noexcept;
  AuthRequest& operator=(AuthRequest&& other) = delete;
  ~AuthRequest();

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] const std::string& user() const { return fields_.user; }
  [[nodiscard]] const PublicKey& key() const { return fields_.key; }

  // Whether the signature is right. To verify one costs time that others wait for, so ask first whether the key would
  // let anybody in.
  [[nodiscard]] bool proven();
  // A probe is told that the key would do; a signed request that is proven is the end of authentication. Anything else
  // is denied.
  void grant();
  void deny();

 private:
  enum class Proof : std::uint8_t { unknown, right, wrong };

  ServerSession* session_;  // nullptr: it is answered
  ByteVector packet_;
  UserauthFields fields_;
  Kind kind_;
  Proof proof_ = Proof::unknown;
};

}  // namespace bastion::transport
