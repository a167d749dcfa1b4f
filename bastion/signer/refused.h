// What was not signed, in the log: every one, up to some in each ten seconds, and how many more there were.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

#include "bastion/base/log.h"
#include "bastion/base/result.h"

namespace bastion::signer {

class Refused {
 public:
  static constexpr std::chrono::seconds kInterval{10};
  static constexpr std::uint64_t kMost = 20;

  // From any thread.
  void note(const Error& why) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - begun_ >= kInterval) {
      if (count_ > kMost) log::error("refused to sign, and not said count={}", count_ - kMost);
      begun_ = now;
      count_ = 0;
    }
    if (++count_ <= kMost) log::error("refused to sign: {}", why.text);
  }

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point begun_;
  std::uint64_t count_ = 0;
};

}  // namespace bastion::signer
