// How many connections may be there that have not authenticated, in all and from one source (MaxStartups and
// PerSourceMaxStartups in sshd_config(5)), and which of them makes room for one more.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "bastion/base/network.h"
#include "bastion/config/limits.h"
#include "bastion/server/fate.h"

namespace bastion::server {

// How far a stranger has come.
enum class Progress : std::uint8_t {
  silent,   // it has not sent its version line
  denied,   // it has tried to authenticate, and was denied
  talking,  // neither
};

// Kept by the thread that accepts. The time of each call is by one clock that only goes forward.
class ConnectionLimiter {
 public:
  using Time = std::chrono::milliseconds;

  // A client sends its version line at once. Whoever has not for so long may have to make room for others.
  static constexpr Time kSilent{1000};
  // The same where its source has so many silent ones for each that the newcomer's would have: a way there and back.
  static constexpr Time kCrowded{250};
  static constexpr std::size_t kCrowd = 4;
  // And towards one that has sent it, or where its source is suspect and has all the connections it may: clients do not
  // wait for our line before they send theirs.
  static constexpr Time kBesideOthers{50};
  // Of a source that is suspect, those that talk give way to others that do.
  static constexpr Time kSuspectTalking{2000};
  // The same of those that have sent one, when there is no room at all: since they were heard of last.
  static constexpr Time kStalled{5000};

  struct Limits {
    config::MaxStartups all;
    int per_source = 0;
  };
  // A connection, before it is let in.
  struct Newcomer {
    std::string id;
    std::string host;
    Network source;
    // Its source has a penalty and is let in all the same: those of it that were denied give way at once, and the
    // others sooner than usual.
    bool is_suspect = false;
    // It has sent the beginning of its version line: those that are silent give way to it at once.
    bool has_spoken = false;
    int lot = 0;  // a number by chance, from 0 to 99
  };
  struct Known {
    std::string id;
    std::string host;
  };
  struct Verdict {
    std::optional<Fate> refused = std::nullopt;
    std::optional<Known> makes_room = std::nullopt;  // the connection that is to be let go; it counts no more
  };

  explicit ConnectionLimiter(const Limits& limits) : limits_(limits) {}

  // Other limits from now on; whoever was let in stays.
  void limit(const Limits& limits) { limits_ = limits; }
  // Counts the newcomer, unless it is refused.
  [[nodiscard]] Verdict take(const Newcomer& newcomer, Time now);
  void progressed(const std::string& id, Progress progress, Time now);
  // It is no stranger any more: it authenticated, or it is gone. Nothing happens where it is not counted.
  void settle(const std::string& id);
  [[nodiscard]] std::size_t strangers() const { return strangers_.size(); }

 private:
  static constexpr std::size_t kKinds = 3;               // of Progress
  using Queue = std::set<std::pair<Time, std::string>>;  // since when, and which
  struct Source {
    std::array<Queue, kKinds> by_progress;
    [[nodiscard]] std::size_t count() const;
  };
  struct Stranger {
    std::string host;
    Network source;
    Progress progress = Progress::silent;
    Time since{0};
  };
  using Ranks = std::set<std::pair<std::size_t, Network>>;  // sources, by how many strangers they have

  [[nodiscard]] bool is_dropped(int lot) const;
  [[nodiscard]] std::optional<std::string> of_source(const Newcomer& newcomer, Time now) const;
  [[nodiscard]] std::optional<std::string> of_all(const Newcomer& newcomer, std::size_t from_there, Time now) const;
  void put(const std::string& id, const Stranger& stranger);
  void remove(const std::string& id, const Stranger& stranger);
  // Around a change of a source.
  void unrank(const Network& source);
  void rank(const Network& source);

  Limits limits_;
  std::map<std::string, Stranger> strangers_;
  std::map<Network, Source> sources_;
  Ranks most_silent_;
  Ranks most_;
};

}  // namespace bastion::server
