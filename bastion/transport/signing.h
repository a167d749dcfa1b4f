// Signatures by private keys that are in another process, and what is signed there.
#pragma once

#include <optional>
#include <string_view>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::transport {

struct SignatureRequest {
  Bytes key;                   // which one: its public blob
  std::string_view algorithm;  // as SSH calls it (`ssh-ed25519`, `rsa-sha2-512`)
  Bytes data;
  // In the client role: the host key of the peer, and its signature over the hash of the first key exchange, which is
  // the session id (RFC 4253 sections 7.2 and 8). They prove with whom the session is.
  Bytes host_key{};
  Bytes host_signature{};
};

class RemoteSigner {
 public:
  virtual ~RemoteSigner() = default;
  // In the encoding of RFC 4253 section 6.6. Blocks, for a time that is bounded. The error says why there is none.
  [[nodiscard]] virtual Result<ByteVector> sign(const SignatureRequest& request) = 0;
};

// While it lives, keys of this thread that are elsewhere (KeyPair::elsewhere) sign through `signer`, which outlives it.
// Without one they do not sign.
class SignsThrough {
 public:
  explicit SignsThrough(RemoteSigner& signer);
  ~SignsThrough();
  SignsThrough(const SignsThrough&) = delete;
  SignsThrough& operator=(const SignsThrough&) = delete;
};

// By that signer, with all that the request says; the error is its own.
[[nodiscard]] Result<ByteVector> sign_elsewhere(const SignatureRequest& request);

// While it lives, what this thread signs is for a session with this host. Both outlive it.
class SignsTowards {
 public:
  SignsTowards(Bytes host_key, Bytes host_signature);
  ~SignsTowards();
  SignsTowards(const SignsTowards&) = delete;
  SignsTowards& operator=(const SignsTowards&) = delete;

  // Why the last signature that was asked for meanwhile was not made.
  [[nodiscard]] static const std::optional<Error>& failure();
};

// Whether `signature` is by the key with this public blob, and over `data`. Whoever chose the key may make this slow:
// see objection() (keys.h).
[[nodiscard]] bool is_signed_by(Bytes key, Bytes signature, Bytes data);

}  // namespace bastion::transport
