// A backend, or a container, inside the test: the least sshd that the bastion can log in to. It listens on 127.0.0.1,
// runs on the test's own loop, lets keys in, opens channels or refuses them, runs what a test has for commands, and
// counts what it is asked for. What needs a real sshd (shells, forwards, other people's clients) is for the stories.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "bastion/base/endpoint.h"
#include "bastion/base/public_key.h"
#include "bastion/connection/message.h"
#include "bastion/loop/listener.h"
#include "bastion/loop/loop.h"
#include "bastion/transport/server_profile.h"

namespace bastion::test {

class LoopbackSshd {
 public:
  // Listens on a port of the kernel's choice.
  explicit LoopbackSshd(loop::Loop& loop);
  ~LoopbackSshd();
  LoopbackSshd(const LoopbackSshd&) = delete;
  LoopbackSshd& operator=(const LoopbackSshd&) = delete;

  // The same whether it listens or not.
  [[nodiscard]] const Endpoint& address() const { return address_; }
  void listen();
  void stop_listening() { listener_.reset(); }
  // Ends every connection. Not to be called from inside the loop.
  void hang_up();
  // It hears logins and keepalives and says nothing, until it speaks again: the logins are denied then.
  void fall_silent() { silent_ = true; }
  void speak_again();

  // What it does from now on.
  std::optional<PublicKey> accepts;  // the one key that is let in; nothing: any
  bool opens = true;                 // channels (direct-tcpip); otherwise it refuses them, with this code
  connection::OpenFailureCode refusal = connection::OpenFailureCode::connect_failed;
  LoopbackSshd* behind = nullptr;  // what is at the end of its channels, whatever address they name: outlives it
  // What comes of a command, on the first connection, the second, ...; without it there are no sessions.
  struct Ran {
    std::string out;
    std::string err;
    std::optional<std::uint32_t> status;  // nothing: a signal has ended it
    bool goes_on = false;                 // until the client closes it
  };
  std::function<Ran(int connection, const std::string& command)> runs;
  std::size_t most_sessions = 1000;  // of one connection, as sshd's MaxSessions

  // Connections that are there keep the one they have seen.
  void change_host_key();
  [[nodiscard]] const PublicKey& host_key() const { return profiles_.back().public_keys().front(); }

  // So far: by TCP, and through the channels of whom it is behind.
  [[nodiscard]] int connections() const { return connections_; }
  [[nodiscard]] int logins_asked() const { return logins_asked_; }
  [[nodiscard]] int logins() const { return logins_; }
  [[nodiscard]] int channels() const { return channels_; }
  // Of the connections, those that are not lost yet.
  [[nodiscard]] int open_connections() const { return connections_ - lost_; }

 private:
  class Connection;

  loop::Loop& loop_;
  Endpoint address_{"127.0.0.1", 0};
  std::unique_ptr<loop::Listener> listener_;
  std::list<transport::ServerProfile> profiles_;  // the last one is for new connections
  bool silent_ = false;
  int connections_ = 0;
  int lost_ = 0;
  int logins_asked_ = 0;
  int logins_ = 0;
  int channels_ = 0;
  std::list<std::unique_ptr<Connection>> served_;  // lost ones too: so nothing dies inside a call of its own
};

}  // namespace bastion::test
