// How many sessions one user may have at a time, and how many they may begin in a minute: on all threads together.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "bastion/base/reason.h"
#include "bastion/session/observer.h"

namespace bastion::server {

// From any thread. It hears of the end of every session, as one of its observers.
class UserCaps final : public session::Observer {
 public:
  using Time = std::chrono::milliseconds;  // by one clock that only goes forward

  static constexpr std::chrono::minutes kWindow{1};

  struct Limits {
    int sessions = 0;  // 0: as many as they like
    int logins = 0;
  };

  explicit UserCaps(const Limits& limits) : limits_(limits) {}

  // Other limits from now on; whoever is there stays.
  void limit(const Limits& limits);
  // Sessions of users, by name, in other processes that serve: they count too, until this is called again.
  void count_elsewhere(std::map<std::string, std::size_t> sessions);
  // Counts a session of a user that is about to begin, or says why it has to end. `name` is that of the user.
  [[nodiscard]] std::optional<End> begin(std::int64_t user, const std::string& session, Time now,
                                         const std::string& name = {});
  // Of all users; those that are refused are not among them.
  [[nodiscard]] std::size_t sessions() const;
  void on_end(const session::Arrival& arrival, const End& end, const Ended& what) override;

 private:
  struct Use {
    std::set<std::string> sessions;
    std::deque<Time> logins;  // in the last minute
  };

  // Of users who have no session: those whose minute is over are forgotten, now and then.
  void forget(Time now);

  mutable std::mutex mutex_;
  Limits limits_;  // guarded by mutex_, as what follows
  std::map<std::int64_t, Use> uses_;
  std::map<std::string, std::size_t> elsewhere_;
  std::size_t sessions_ = 0;
  Time forgotten_{0};
};

}  // namespace bastion::server
