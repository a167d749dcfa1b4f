// The way into a container. It may be begun before it is known whether anybody wants in: then it ends at the door, with
// the host known and nobody logged in, until somebody does. Destroyed, it is given up; not from inside its own event.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "bastion/access/route.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/session/observer.h"
#include "bastion/transport/client_session.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"

namespace bastion::session {

class Approach {
 public:
  struct In {
    std::unique_ptr<transport::ClientSession> session;
    upstream::HopConnection* hop = nullptr;  // the last one on the way; outlives the session
    std::string said;                        // by the container's sshd, on one line
  };
  struct Place {
    const upstream::Credentials& credentials;
    upstream::HopPool& hops;
    // How long a part of it took, without what it has waited for somebody to want in.
    std::function<void(Phase phase, std::chrono::microseconds took)> on_phase;
  };

  Approach(Place place, access::Route route, upstream::Use use, upstream::Peer peer);
  Approach(const Approach&) = delete;
  Approach& operator=(const Approach&) = delete;

  [[nodiscard]] const access::Route& route() const { return route_; }
  // Somebody wants in.
  void go_in() { threshold_.wanted.set({}); }
  [[nodiscard]] Event<std::monostate>& over() { return over_; }
  // Once it is over.
  [[nodiscard]] std::expected<In, End> take() { return way_.take(); }

 private:
  Task<std::expected<In, End>> walk(upstream::Peer peer);
  Task<std::expected<In, End>> walk_once(const upstream::Peer& peer);

  Place place_;
  access::Route route_;
  upstream::Use use_;
  upstream::Threshold threshold_;
  upstream::HopConnection* hop_ = nullptr;  // that it has come to last
  Event<std::monostate> over_;
  Task<std::expected<In, End>> way_;
};

}  // namespace bastion::session
