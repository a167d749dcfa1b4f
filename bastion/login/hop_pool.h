// The hops of one worker: SSH connections to the backends in use, shared by all logins that pass them. The second login
// to a backend pays no handshake there, and a backend sees one client however many users there are.
#pragma once

#include <chrono>
#include <list>
#include <random>
#include <vector>

#include "bastion/base/task.h"
#include "bastion/login/backend_hops.h"
#include "bastion/login/client_login.h"
#include "bastion/login/hop_connection.h"
#include "bastion/login/path.h"
#include "bastion/loop/timer.h"

namespace bastion::login {

class HopPool {
 public:
  struct Settings {
    HopConnection::Settings connection;
    std::chrono::seconds idle_timeout;
  };

  HopPool(const Credentials& credentials, Settings settings);
  ~HopPool();
  HopPool(const HopPool&) = delete;
  HopPool& operator=(const HopPool&) = delete;

  // A connection to the last of these hops, dialled through the ones before it where there is none yet. Open a channel
  // of it at once: only its channels keep it.
  [[nodiscard]] Task<BackendHops::Reached> reach(std::vector<Hop> hops);

 private:
  [[nodiscard]] BackendHops& hops_to(const std::vector<Hop>& hops);
  Task<BackendHops::Dialled> dial(std::vector<Hop> hops);
  void tick();

  Credentials credentials_;
  Settings settings_;
  std::minstd_rand random_{std::random_device{}()};
  std::list<BackendHops> backends_;
  loop::Timer every_second_;
};

}  // namespace bastion::login
