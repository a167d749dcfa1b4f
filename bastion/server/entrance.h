// Who may come in as a stranger: bans, penalties, and how many there may be at a time. It is asked for every connection
// before anything else is done for it, and says in the log, never more often than a reader can bear, whom it has
// refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "bastion/base/endpoint.h"
#include "bastion/base/network.h"
#include "bastion/config/config.h"
#include "bastion/loop/timer.h"
#include "bastion/metrics/counters.h"
#include "bastion/server/ban_list.h"
#include "bastion/server/connection_limiter.h"
#include "bastion/server/expiring.h"
#include "bastion/server/fate.h"
#include "bastion/server/penalties.h"
#include "bastion/server/penalty_records.h"
#include "bastion/server/refusals.h"
#include "bastion/server/strangers.h"
#include "bastion/session/recent_refusals.h"
#include "store/bans.h"
#include "store/sessions.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::store {
class Writer;
}

namespace bastion::server {

// Belongs to the thread that accepts.
class Entrance {
 public:
  // An address from which somebody has logged in within so long is shared with people who may: it is not refused for
  // what others there do.
  static constexpr std::chrono::hours kGoodLogins{24};
  // So many of them are known at a time.
  static constexpr int kMostGood = 65'536;

  // So far apart are those that go in from an address which is suspect, and so many at once after a pause: what a
  // neighbour makes us compute there is bounded.
  static constexpr std::chrono::milliseconds kPace{100};
  static constexpr int kAtOnce = 10;

  // All outlive it.
  Entrance(loop::Loop& loop, store::Writer& writer, metrics::Counters& counters, const config::Config& config);
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;

  // Whoever is refused here is told to this too, which outlives it.
  void tells_of_refusals(session::RecentRefusals& recent) { recent_ = &recent; }

  // What was there before this bastion was started.
  void restore(const std::vector<store::Ban>& bans, const std::vector<store::Sessions::From>& came_from);
  // Administrators' bans, as they are now.
  void set_bans(const std::vector<store::Ban>& bans);
  // Whatever is in this network has no penalty any more.
  void forgive(const Network& network);
  void apply(const config::Config& config);

  struct Pass {
    Strangers::Treatment treatment = Strangers::Treatment::usual;
    std::optional<ConnectionLimiter::Known> makes_room = std::nullopt;  // the stranger that is to be let go for it
  };
  // There is no room for it, or its source is suspect: it may be asked for again.
  struct Wait {};
  // Which is in the log.
  struct Refused {};
  using Answer = std::variant<Pass, Wait, Refused>;
  enum class Step : std::uint8_t {
    comes,       // a new connection
    speaks,      // one that waits, and has sent the beginning of its version line
    has_waited,  // one that is not to wait any longer: it is refused or goes in
  };
  [[nodiscard]] Answer enter(const Endpoint& from, const std::string& id, Step step);
  // One that was to wait cannot.
  void no_room(const Endpoint& from) { std::ignore = refuse(from, Fate::full_source); }
  // It ended before it could be asked whose it is.
  void turned_away(const Endpoint& from);
  void progressed(const std::string& id, Progress progress);
  void settled(const Strangers::Settled& settled);
  // What counts as one.
  [[nodiscard]] Network source_of(const std::string& host) const { return place_of(host).source; }

  // How many have come in and are not settled yet.
  [[nodiscard]] std::size_t strangers() const { return limiter_.strangers(); }

  // Hands the rest of what changed to the writer.
  void write() { records_.write(); }

 private:
  struct Place {
    Address address;
    Network source;
  };
  struct Good {
    std::chrono::milliseconds next{
        0};  // when another one of it may go in that is suspect: kPace apart, if all were even
  };

  [[nodiscard]] Place place_of(const std::string& host) const;
  [[nodiscard]] bool is_exempt(const Address& address) const;
  [[nodiscard]] Answer refuse(const Endpoint& from, Fate fate);
  void had_good_login(const Network& source, std::chrono::milliseconds ago);
  void tell(const Endpoint& from, Fate fate);
  void tell_refusals();

  loop::Loop& loop_;
  metrics::Counters& counters_;
  config::SourceBlock block_;
  std::vector<Network> exempt_;
  BanList bans_;
  Penalties penalties_;
  PenaltyRecords records_;
  Expiring<Good> good_;
  ConnectionLimiter limiter_;
  Refusals refusals_;
  session::RecentRefusals* recent_ = nullptr;
  loop::Timer refusals_due_;
};

}  // namespace bastion::server
