// START HERE: the path of a login, top to bottom.
//
//   accept -> handshake -> authenticate -> choose target -> route -> chain of hops -> container login -> relay
//
// This page holds the values a login collects on its way. No libssh and no libuv here: what runs each step is named
// beside it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace bastion::login {

// What the user typed before the @, taken apart (target.h). RFC 4252 calls it the user name; for us it says who and
// where: `alice`, `alice+web`, `alice+bob/web`.
struct Target {
  std::string user;
  std::optional<std::string> owner;      // set when the container was written owner/name
  std::optional<std::string> container;  // absent: the user's default container
};

// One backend on the way, nearest to the bastion first (route.h).
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
  std::string container_name;  // as the user may read it: `web`, or `bob/web` when it is somebody else's
  std::string address;
  std::uint16_t port = 22;
  std::string login;
};

}  // namespace bastion::login
