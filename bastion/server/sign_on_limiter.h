// How often users may begin to sign on: each time the issuer is asked twice for them, so that strangers could have the
// bastion ask as often as they like.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

namespace bastion::server {

// From any thread. Times are by one clock that only goes forward.
class SignOnLimiter {
 public:
  using Time = std::chrono::milliseconds;

  static constexpr std::chrono::minutes kWindow{1};
  // Those who have shown a key of the account, within that: of one account, and in all.
  static constexpr std::size_t kMostOfAccount = 6;
  static constexpr std::size_t kMostOfAccounts = 120;
  // Everybody else: from one source, and in all.
  static constexpr std::size_t kMostOfSource = 6;
  static constexpr std::size_t kMostOfSources = 30;

  // One more; the error is a sentence for whoever asks.
  [[nodiscard]] Result<> begin_with_key(std::string_view account, Time now);
  [[nodiscard]] Result<> begin(std::string_view source, Time now);

 private:
  // Those within the window, the oldest first.
  struct Begun {
    struct One {
      std::string who;
      Time at;
    };
    std::deque<One> all;

    [[nodiscard]] std::size_t count(std::string_view who) const;
    void pass(Time now);
  };

  std::mutex mutex_;
  Begun with_key_;  // guarded by mutex_, as what follows
  Begun without_;
};

}  // namespace bastion::server
