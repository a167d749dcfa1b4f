// A listening socket: TCP, or a unix socket that somebody else has made. Whoever connects to one of these is on this
// machine, and comes from 127.0.0.1, port 0.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bastion/base/endpoint.h"
#include "bastion/base/result.h"
#include "bastion/loop/descriptor.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/watcher.h"

namespace bastion::loop {

class Listener {
 public:
  using OnConnection = std::function<void(Descriptor connection, Endpoint from)>;

  // Whether this machine has addresses of that family at all: many are without IPv6.
  [[nodiscard]] static bool is_possible(const Endpoint& address);

  // Binds and listens; `address` is numeric. Port 0 takes a free one, see bound().
  static Result<std::unique_ptr<Listener>> open(Loop& loop, const Endpoint& address, OnConnection on_connection);

  // Whether this is a stream socket of such a family, and listens.
  [[nodiscard]] static bool is_one(int socket);
  // Whether this is a socket that listens there. Where the port is 0, any port is right.
  [[nodiscard]] static bool is_for(int socket, const Endpoint& address);
  // Goes on with one that does not block: whoever waits in it is accepted here.
  [[nodiscard]] static std::unique_ptr<Listener> adopt(Loop& loop, Descriptor socket, OnConnection on_connection);

  // Of a unix socket: 127.0.0.1, port 0.
  [[nodiscard]] const Endpoint& bound() const { return bound_; }
  // The same to read, or `unix:` and its path.
  [[nodiscard]] std::string text() const;
  // Accepts all who wait now, the backlog at most: they would be reset with the socket.
  void take_rest();
  // For another process to go on with.
  [[nodiscard]] int descriptor() const { return fd_.get(); }

 private:
  Listener(Loop& loop, Descriptor fd, Endpoint bound, OnConnection on_connection);
  void accept_waiting();

  Descriptor fd_;
  Endpoint bound_;
  OnConnection on_connection_;
  Watcher watcher_;
  Timer retry_;
};

}  // namespace bastion::loop
