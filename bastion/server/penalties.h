// Sources that are refused for what came from them: OpenSSH's srclimit.c. Times add up and pass, nobody is refused for
// less than `min`, and whoever is, is so until all of it has passed. Beyond OpenSSH, a source is known for as long
// again as it was refused, and the first thing that comes from it then refuses it, for `min` at least.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

#include "bastion/base/network.h"
#include "bastion/config/limits.h"
#include "bastion/server/expiring.h"
#include "bastion/session/offence.h"

namespace bastion::server {

// Kept by the thread that accepts. The time of each call is by one clock that only goes forward.
class Penalties {
 public:
  using Time = std::chrono::milliseconds;

  struct Penalty {
    session::Offence cause;  // the last one
    bool refuses = false;    // it has come to more than `min`
    Time since{0};           // it has
  };
  using Entry = Expiring<Penalty>::Entry;

  explicit Penalties(const config::PenaltyRules& rules) : rules_(rules) {}

  // Other rules, for what comes from then on; without any, what there is goes.
  void apply(const config::PenaltyRules& rules);

  // Whether the source is refused from now on, and was not before.
  bool punish(const Network& source, session::Offence offence, Time now);
  // Whether it is refused.
  [[nodiscard]] bool refuses(const Network& source, Time now);
  // The penalty of a source that is refused, if there is one.
  [[nodiscard]] const Entry* find(const Network& source) const;
  // What is in this network has no penalty any more; returns which sources had one that refused them.
  std::vector<Network> forgive(const Network& network);
  // One that was there before: it refuses.
  void restore(const Network& source, const Penalty& penalty, Time until);
  [[nodiscard]] std::size_t size() const { return kinds_[0].penalties.size() + kinds_[1].penalties.size(); }

 private:
  struct Kind {
    Expiring<Penalty> penalties;
    Expiring<std::monostate> known;  // those that are refused, and those that were
  };

  [[nodiscard]] Kind& kind_of(const Network& source);
  [[nodiscard]] const Kind& kind_of(const Network& source) const;
  void know(const Network& source, Time since, Time until);
  // Whether there is room for one more, which may be made.
  [[nodiscard]] bool make_room(Expiring<Penalty>& table) const;
  template <typename Known>
  [[nodiscard]] bool is_full(const Expiring<Known>& table) const;

  config::PenaltyRules rules_;
  std::array<Kind, 2> kinds_;  // IPv4, IPv6: who has many addresses of one takes no room from the other
};

}  // namespace bastion::server
