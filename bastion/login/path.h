// START HERE: the path of a login, top to bottom.
//
//   accept -> handshake -> authenticate -> choose target -> route -> chain of hops -> container login -> relay
//
// This page holds the values a login collects on its way and the function that walks it. No libssh and no libuv here:
// what runs each step is named beside it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/login/lifetime.h"
#include "bastion/login/policy.h"
#include "store/users.h"

namespace bastion::login {

// accept (gate.h, then worker.h): one TCP connection.
struct Arrival {
  std::string id;         // what a refusal shows and the log repeats
  std::string from_host;  // numeric
  std::uint16_t from_port = 0;
};

// handshake, authenticate (transport/server_session.h): who it is, proven by a signature.
struct Identity {
  std::int64_t user = 0;  // the store's row; never shown to people
  std::int64_t key = 0;   // the same
  std::string name;
  std::string fingerprint;
  store::Role role = store::Role::user;
  Policy policy{};  // what she may do, with this key
  Lifetime::Limits limits{};
  std::optional<std::int64_t> until{};  // when her key expires, if it does: Unix seconds
};

// choose target (target.h): what the user typed before the @, taken apart. RFC 4252 calls it the user name; for us it
// says who and where: `alice`, `alice+web`, `alice+bob/web`.
struct Target {
  std::string user;
  std::optional<std::string> owner;      // set when the container was written owner/name
  std::optional<std::string> container;  // absent: the user's default container
};

// route (route.h): one backend on the way, nearest to the bastion first.
struct Hop {
  std::int64_t backend = 0;  // the store's row; never shown to people
  std::string name;
  std::string host;
  std::uint16_t port = 22;
  std::string login;

  bool operator==(const Hop&) const = default;
};

// The resolved path of one login: the hops in dialling order, then the container behind the last one. No hop at all
// means that the bastion reaches the container's address directly.
struct Route {
  std::vector<Hop> hops;
  std::int64_t container = 0;
  std::int64_t backend = 0;    // that it runs on; not always the last hop
  std::string container_name;  // as the user may read it: `web`, or `bob/web` when it is somebody else's
  std::string full_name;       // as records have it: always `bob/web`
  std::string address;
  std::uint16_t port = 22;
  std::string login;
};

// chain of hops (hop_pool.h), container login (client_login.h), relay (connection/relay.h): live things, owned by the
// Login (login.h) that walks.
class Login;

// Walks the whole path up to the relay (path.cpp, to be read next). The error is why there is none.
[[nodiscard]] Task<std::expected<void, End>> walk(Login& login);

}  // namespace bastion::login
