// What every server session of a worker has in common: host keys and algorithms. One per thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/transport/keys.h"
#include "bastion/transport/libssh_private.h"

struct ssh_bind_struct;

namespace bastion::transport {

class ServerProfile {
 public:
  // Keeps copies of the keys. The first one of each type is presented, the others are announced and proven only (the
  // types of RFC 5656 are one here). `key_exchange` or `host_key_algorithms` empty: the default list (algorithms.h).
  // `auth_methods` are a name-list: those that can continue, as a denial says them.
  ServerProfile(const std::vector<KeyPair>& host_keys, const std::string& key_exchange, std::string auth_methods,
                const std::string& host_key_algorithms = {});

  // Makes a new session a server session.
  void accept(ssh_session session);
  // All of them, the presented ones first where they were given so.
  [[nodiscard]] const std::vector<PublicKey>& public_keys() const { return public_keys_; }
  [[nodiscard]] std::string_view auth_methods() const { return auth_methods_; }
  // A signature with the host key that has this public blob, for this session; nothing when there is none.
  [[nodiscard]] std::optional<ByteVector> sign(ssh_session session, Bytes blob, Bytes data) const;

 private:
  struct FreeBind {
    void operator()(ssh_bind_struct* bind) const;
  };
  struct FreeKey {
    void operator()(ssh_key_struct* key) const;
  };

  std::unique_ptr<ssh_bind_struct, FreeBind> bind_;
  std::string auth_methods_;
  std::vector<PublicKey> public_keys_;
  std::vector<std::unique_ptr<ssh_key_struct, FreeKey>> keys_;  // beside public_keys_
};

}  // namespace bastion::transport
