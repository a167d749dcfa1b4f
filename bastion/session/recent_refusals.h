// Who was refused lately and why, for whoever looks now: the newest ones, of strangers and of users, as the log says
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/session/observer.h"
#include "bastion/session/refusal.h"

namespace bastion::session {

// Told from any thread, read from any thread.
class RecentRefusals final : public Observer {
 public:
  static constexpr std::size_t kMost = kMostRefusals;

  explicit RecentRefusals(std::function<std::int64_t()> now = unix_now) : now_(std::move(now)) {}

  // A connection that was refused before anything of it was read.
  void note(const std::string& from, std::string_view reason, std::string_view sentence);
  // The newest first.
  [[nodiscard]] std::vector<Refusal> latest() const;

  void on_left_without(const Arrival& arrival, const access::Identity& identity, const std::string& container,
                       const End& why) override;
  void on_refused_admin(const Arrival& arrival, const access::Identity& identity) override;
  void on_end(const Arrival& arrival, const End& end, const Ended& what) override;

 private:
  void add(Refusal refusal);

  std::function<std::int64_t()> now_;
  mutable std::mutex mutex_;
  std::deque<Refusal> refusals_;  // guarded by mutex_; the oldest first
};

// Whether a session of somebody who has authenticated ended because something was refused to them.
[[nodiscard]] bool is_refusal(Reason reason);

}  // namespace bastion::session
