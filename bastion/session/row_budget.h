// How many rows strangers may cause in a time: each of their connections is a row, but they are not to fill the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

namespace bastion::session {

class RowBudget {
 public:
  // For each worker: 43,000 rows in a day, some 30 MB where each has all that it can have.
  static constexpr std::size_t kRows = 30;
  static constexpr std::int64_t kSeconds = 60;
  // Bytes of the names in one; of its keys there are four, of 50 bytes each.
  static constexpr std::size_t kLongestSubject = 200;

  // Whether one more row may be written at `now` (Unix seconds); if not, it is counted.
  [[nodiscard]] bool take(std::int64_t now) {
    if (now < since_ || now - since_ >= kSeconds) {
      since_ = now;
      taken_ = 0;
    }
    if (taken_ == kRows) {
      ++left_out_;
      return false;
    }
    ++taken_;
    return true;
  }

  // How many were left out since this was asked.
  [[nodiscard]] std::size_t left_out() { return std::exchange(left_out_, 0); }

 private:
  std::int64_t since_ = 0;
  std::size_t taken_ = 0;
  std::size_t left_out_ = 0;
};

}  // namespace bastion::session
