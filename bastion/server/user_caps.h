// What one user may have of the bastion, over all of their sessions on all threads: sessions at a time, sessions and
// key exchanges that they begin within a minute, bytes a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "bastion/base/reason.h"
#include "bastion/loop/allowance.h"
#include "bastion/session/observer.h"
#include "store/users.h"

namespace bastion::server {

// From any thread. It hears of the end of every session, as one of its observers.
class UserCaps final : public session::Observer {
 public:
  using Time = std::chrono::milliseconds;  // by one clock that only goes forward

  static constexpr std::chrono::minutes kWindow{1};

  struct Limits {
    int sessions = 0;  // 0: as many as they like
    int logins = 0;
    int rekeys = 0;
    std::int64_t bytes = 0;
  };

  explicit UserCaps(const Limits& limits) : limits_(limits) {}

  // Other limits from now on; whoever is there stays.
  void limit(const Limits& limits);
  // Sessions of users, by name, in other processes that serve: they count too, until this is called again.
  void count_elsewhere(std::map<std::string, std::size_t> sessions);
  // Of all users; those that are refused are not among them.
  [[nodiscard]] std::size_t sessions() const;
  // Counts a session of a user that is about to begin, or says why it has to end.
  // `name` is that of the user, `own` is what this user may have, where it is not what everybody may: it counts for all
  // of their sessions from now on.
  [[nodiscard]] std::optional<End> begin(std::int64_t user, const store::Caps& own, const std::string& session,
                                         Time now, const std::string& name = {});
  // Counts a key exchange that the client of one of their sessions begins, but for the first of each; false: it is one
  // too many.
  [[nodiscard]] bool rekey(std::int64_t user, Time now);
  // What all of their sessions share that have begun; nullptr: they may move what they like.
  [[nodiscard]] std::shared_ptr<loop::Allowance> allowance(std::int64_t user);
  void on_end(const session::Arrival& arrival, const End& end, const Ended& what) override;

 private:
  struct Use {
    std::set<std::string> sessions;
    store::Caps own;
    std::deque<Time> logins;  // in the last minute
    std::deque<Time> rekeys;
    std::shared_ptr<loop::Allowance> allowance;  // the connections have it too, and may end after the session has
  };

  // Of users who have no session: those whose minute is over, and who have nothing left to wait for, are forgotten, now
  // and then. Whoever comes again sooner has what they had.
  void forget(Time now);

  mutable std::mutex mutex_;
  Limits limits_;  // guarded by mutex_, as what follows
  std::map<std::int64_t, Use> uses_;
  std::map<std::string, std::size_t> elsewhere_;
  std::size_t sessions_ = 0;
  Time forgotten_{0};
};

}  // namespace bastion::server
