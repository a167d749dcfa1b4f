// Who hears of a session as a whole: what is written down about it, logged and counted. Observers have no say: nothing
// waits for them, and nothing they do changes what becomes of the session.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/access/route.h"
#include "bastion/auth/tried.h"
#include "bastion/base/reason.h"
#include "bastion/connection/traffic.h"
#include "bastion/session/path.h"

namespace bastion::session {

// What a login consists of, each in the order of the path (path.h).
enum class Phase : std::uint8_t {
  handshake,        // from the connection to the first request to authenticate
  authentication,   // from there until it was proven
  route,            // the store was asked where it leads
  hops,             // a channel to the container's address was opened, through the hops or without any
  container_login,  // the container's sshd has let the bastion in
};

// All calls come from the thread of the worker that runs the session. They may not throw, and not touch the session.
class Observer {
 public:
  virtual ~Observer() = default;

  // A connection was accepted. on_end() follows, whatever comes between.
  virtual void on_begin(const Arrival& /*arrival*/) {}
  // A request was denied, and not only the question which methods there are.
  virtual void on_denied(const Arrival& /*arrival*/, const auth::Try& /*denied*/) {}
  virtual void on_authenticated(const Arrival& /*arrival*/, const access::Identity& /*identity*/) {}
  // A phase is over, and went well.
  virtual void on_phase(const Arrival& /*arrival*/, Phase /*phase*/, std::chrono::microseconds /*took*/) {}
  // Where it leads, when that is known: to a container, or, of a session that has only tunnels, where the first one
  // goes.
  virtual void on_led(const Arrival& /*arrival*/, const std::string& /*where*/,
                      const std::vector<access::Hop>& /*hops*/) {}
  // It is there: the container's sshd has let the bastion in.
  virtual void on_entered(const Arrival& /*arrival*/, const access::Identity& /*identity*/,
                          const access::Route& /*route*/) {}
  // The container cannot be had. What becomes of the session is another matter.
  virtual void on_not_led_in(const Arrival& /*arrival*/, const End& /*why*/) {}
  // The container cannot be had, and the session goes on with what else it has.
  virtual void on_left_without(const Arrival& /*arrival*/, const access::Identity& /*identity*/,
                               const std::string& /*container*/, const End& /*why*/) {}
  // It was there and is lost, and the session goes on with what else it has.
  virtual void on_container_lost(const Arrival& /*arrival*/, const access::Identity& /*identity*/,
                                 const access::Route& /*route*/, const End& /*why*/) {}
  // A raw tunnel to a port of a container or a backend where this session had none yet: `bob/web at 10.0.3.100:80`.
  virtual void on_tunnel(const Arrival& /*arrival*/, const access::Identity& /*identity*/,
                         const std::string& /*where*/) {}
  // Somebody who has no role asked for what is for administrators.
  virtual void on_refused_admin(const Arrival& /*arrival*/, const access::Identity& /*identity*/) {}

  struct Ended {
    const access::Identity* identity = nullptr;  // nullptr: nobody has authenticated
    const auth::Tried* tried = nullptr;          // before it has; while the call lasts
    std::string container = {};                  // empty: it never led to one
    connection::Traffic traffic = {};
    std::chrono::seconds lasted{0};  // since it has authenticated
  };
  virtual void on_end(const Arrival& /*arrival*/, const End& /*end*/, const Ended& /*what*/) {}
};

// In the order in which they are told. They outlive the sessions.
using Observers = std::vector<Observer*>;

}  // namespace bastion::session
