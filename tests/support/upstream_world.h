// A small world with all that a worker needs to log in elsewhere: a loop, name look-ups, host keys, an identity and a
// pool of hops. What it logs in to is loopback_sshd.h.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/loop/executor.h"
#include "bastion/loop/loop.h"
#include "bastion/transport/keys.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/upstream/known_hosts.h"
#include "store/backends.h"
#include "store/writer.h"
#include "tests/support/executors.h"
#include "tests/support/loopback_sshd.h"
#include "tests/support/small_world.h"

namespace bastion::test {

inline transport::KeyPair some_key() { return must(transport::KeyPair::generate(transport::KeyPair::Kind::ed25519)); }
inline transport::OwnIdentity some_identity() {
  transport::OwnIdentity identity{.keys = {}, .ca = some_key()};
  identity.keys.push_back(some_key());
  return identity;
}

struct UpstreamWorld : SmallWorld {
  UpstreamWorld() { pool.emplace(credentials, settings); }
  // The writer's last answers go through known_hosts.
  ~UpstreamWorld() { writer->close(); }
  UpstreamWorld(const UpstreamWorld&) = delete;
  UpstreamWorld& operator=(const UpstreamWorld&) = delete;

  // A backend whose sshd this is.
  store::Backend backend_at(std::string_view name, const LoopbackSshd& sshd, std::string_view via = {}) {
    backend(name, via);
    auto added = must(backends.get(name));
    added.host = sshd.address().host;
    added.port = sshd.address().port;
    must(backends.update(added));
    return added;
  }

  loop::Loop loop;
  std::unique_ptr<loop::Executor> names = executor();
  std::unique_ptr<store::Writer> writer = must(store::Writer::open(file));
  upstream::KnownHosts known_hosts{loop, host_keys, host_cas, *writer};
  transport::OwnIdentity identity = some_identity();
  upstream::Credentials credentials{.loop = loop,
                                    .names = *names,
                                    .known_hosts = known_hosts,
                                    .identity = identity,
                                    .key_exchange = {},
                                    .within = std::chrono::seconds{30},
                                    .timeout = {}};
  // No test lasts so long that a hop is asked for a sign of life or given up, unless it wants that.
  upstream::HopPool::Settings settings{
      .connection = {.keepalive_interval = std::chrono::seconds{60}, .keepalive_count_max = 3},
      .idle_timeout = std::chrono::seconds{600}};
  std::optional<upstream::HopPool> pool;
};

}  // namespace bastion::test
