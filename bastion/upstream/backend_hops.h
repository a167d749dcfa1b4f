// The hops of one worker to one backend: usually one, several when there is much to carry, none while it cannot be
// reached. However many sessions ask, one dial at a time goes there, and after a failure none before its backoff is
// over.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/loop/timer.h"
#include "bastion/upstream/backoff.h"
#include "bastion/upstream/hop_choice.h"
#include "bastion/upstream/hop_connection.h"
#include "bastion/upstream/reserve.h"

namespace bastion::upstream {

class BackendHops {
 public:
  using Dialled = std::expected<std::unique_ptr<HopConnection>, End>;
  using Reached = std::expected<HopConnection*, End>;

  // What it needs from others.
  struct Means {
    std::function<Task<Dialled>(Use)> dial;  // one more connection to the last of the hops, wanted for this
    std::function<double()> chance;          // evenly from [0, 1)
  };

  // `hops` lead to the backend, which is the last of them.
  BackendHops(loop::Loop& loop, std::vector<access::Hop> hops, Means means);
  BackendHops(const BackendHops&) = delete;
  BackendHops& operator=(const BackendHops&) = delete;

  [[nodiscard]] const std::vector<access::Hop>& hops() const { return hops_; }

  // How long a dial is waited for where there is a hop that would do: the first SYN may be lost, and no more.
  static constexpr std::chrono::seconds kPatience{1};

  // A connection, by hop_choice.h. Open a channel of it at once: only its channels keep it. A dial goes on when whoever
  // asked for it is gone, or does not wait any more.
  [[nodiscard]] Task<Reached> reach(Use use, ChannelType type);

  // Whether a connection is there with which nothing is wrong.
  [[nodiscard]] bool usable_now() const { return usable_size() > 0; }
  // Connections that are not lost.
  [[nodiscard]] std::size_t size() const;
  // Of those with which nothing is wrong, and how long it took to the backend and back when one was asked last.
  [[nodiscard]] std::size_t usable_size() const { return sound(ChannelType::direct_tcpip).size(); }
  [[nodiscard]] std::optional<std::chrono::microseconds> latency() const;
  // What the last dial came to, while there is no connection and the next dial may not begin yet.
  [[nodiscard]] std::optional<End> cooling_down() const;
  // Failures count no more.
  void forgive();
  // Whether any connection was heard of between the last two ticks.
  [[nodiscard]] bool answered() const;

  // To be called every HopConnection::kTick. Lets go of connections that are lost and held by nobody, and of those
  // nobody has needed for a while.
  void tick(std::chrono::seconds idle_timeout);
  // Nothing is there and nothing worth remembering: it may be destroyed.
  [[nodiscard]] bool forgotten() const;

 private:
  // With which nothing is wrong; and of them no outdated one, as long as there are others or may be.
  [[nodiscard]] std::vector<HopConnection*> sound(ChannelType type) const;
  [[nodiscard]] std::vector<HopConnection*> usable(ChannelType type) const;
  void let_go(std::chrono::seconds idle_timeout);
  void want_dial(Use use);
  void start_dial();
  void on_dialled(Dialled dialled);
  [[nodiscard]] Reached keep(Dialled dialled);
  [[nodiscard]] bool wants_reserve(const std::vector<HopConnection*>& hops) const;

  loop::Loop& loop_;
  std::vector<access::Hop> hops_;
  Means means_;
  std::vector<std::unique_ptr<HopConnection>> connections_;
  Backoff backoff_;
  std::optional<End> last_failure_;
  std::chrono::milliseconds wanted_at_{0};
  Reserve reserve_;
  std::unique_ptr<Event<Reached>> next_;             // what the dial that is due or under way will have come to
  std::unique_ptr<Event<std::monostate>> patience_;  // the same dial is over, or was waited for long enough
  Use next_use_ = Use::anything;                     // whom that is for
  bool next_is_reserve_ = false;                     // nobody has asked for it
  bool is_due_ = false;                              // it has not begun yet
  loop::Timer due_;
  loop::Timer impatient_;
  Task<Dialled> dial_;
};

}  // namespace bastion::upstream
