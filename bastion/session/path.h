// START HERE: the path of a login, top to bottom.
//
//   accept -> handshake -> authenticate -> choose target -> route -> chain of hops -> container login -> relay
//
// This page names the values a session collects on its way, and has the function that walks it. No libssh and no libuv
// here: what runs each step is named beside it.
#pragma once

#include <cstdint>
#include <string>

#include "bastion/base/task.h"

namespace bastion::session {

// accept (server/connection_limiter.h, then server/strangers.h): one TCP connection.
struct Arrival {
  std::string id;         // what a refusal shows and the log repeats
  std::string from_host;  // numeric
  std::uint16_t from_port = 0;
  bool is_check = false;  // a balancer looks whether somebody answers: no login, unless it goes on
};

// handshake, authenticate (stranger.h, transport/server_session.h): an Identity, proven by a signature. From here on it
// is a Session, on the thread of a worker (server/worker.h).
//
// choose target (access/target.h): a Target, from what the user typed before the @.
//
// route (access/route.h): a Route, the hops and the container behind them.
//
// chain of hops (upstream/chain.h), container login (upstream/client_login.h), relay (connection/relay.h): live things,
// owned by the Session (session.h) that walks.
class Session;

// Walks the rest of the path up to the relay, each time something is to go to the container that is not there
// (path.cpp, to be read next).
[[nodiscard]] Task<> walk(Session& session);

}  // namespace bastion::session
