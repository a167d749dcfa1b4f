// The hops of one worker: SSH connections to the backends in use, shared by all sessions that pass them. The second
// login to a backend pays no handshake there, and a backend sees one client however many users there are.
#pragma once

#include <chrono>
#include <list>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/task.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/backend_hops.h"
#include "bastion/upstream/client_login.h"
#include "bastion/upstream/hop_connection.h"
#include "bastion/upstream/reachability.h"

namespace bastion::upstream {

class HopPool {
 public:
  struct Settings {
    HopConnection::Settings connection;
    std::chrono::seconds idle_timeout;
  };

  // `credentials` outlive it; what is changed in them counts for the next dial.
  HopPool(const Credentials& credentials, Settings settings);
  ~HopPool();
  HopPool(const HopPool&) = delete;
  HopPool& operator=(const HopPool&) = delete;

  // Other settings from now on; connections that are there keep the keepalive they have.
  void apply(const Settings& settings) { settings_ = settings; }

  // A connection to the last of these hops, dialled through the ones before it where there is none yet. Open a channel
  // of it at once, of that type and for the same use: only its channels keep it.
  [[nodiscard]] Task<BackendHops::Reached> reach(const std::vector<access::Hop>& hops, Use use,
                                                 ChannelType type = ChannelType::direct_tcpip);

  // A connection to the last of them that nobody shares; not faster than a dial is otherwise.
  [[nodiscard]] Task<BackendHops::Dialled> dial_alone(std::vector<access::Hop> hops) {
    return dial(std::move(hops), Use::anything);
  }

  // Whether the last of these hops answers, and how fast: see health_check.h, which bounds the time it takes.
  [[nodiscard]] Task<Reachability> measure(std::vector<access::Hop> hops);
  // Whether a connection to the last of them is there with which nothing is wrong.
  [[nodiscard]] bool has(const std::vector<access::Hop>& hops) const;
  // Of a backend that is no hop: what is behind it was reached, or was not.
  void note_reached(std::int64_t backend);
  void note_missed(std::int64_t backend);
  // It has come back, as somebody knows: it is dialled at once, where that would have waited.
  void forgive(std::int64_t backend);
  // Connections that are there.
  [[nodiscard]] std::size_t size() const;
  // When a backend, or what is behind one that is no hop, has last said anything to this worker: Unix seconds.
  [[nodiscard]] std::optional<std::int64_t> last_success(std::int64_t backend) const;
  // What is there of each, and what is known of each that was there.
  [[nodiscard]] std::vector<BackendView> views() const;

 private:
  [[nodiscard]] std::optional<End> cooling_down(const std::vector<access::Hop>& hops);
  [[nodiscard]] BackendHops& hops_to(const std::vector<access::Hop>& hops);
  // Counted, and without that.
  Task<BackendHops::Dialled> dial(std::vector<access::Hop> hops, Use use);
  Task<BackendHops::Dialled> dial_uncounted(std::vector<access::Hop> hops, Use use);
  void tick();

  const Credentials& credentials_;
  Settings settings_;
  std::minstd_rand random_{std::random_device{}()};
  std::list<BackendHops> backends_;
  std::map<std::int64_t, std::int64_t> last_success_;  // by backend
  std::map<std::int64_t, std::int64_t> last_failure_;  // so too: of a dial
  std::set<std::int64_t> direct_;                      // backends that are no hop
  loop::Timer clock_;
};

}  // namespace bastion::upstream
