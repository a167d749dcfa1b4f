// Bytes of memory that a peer may have us keep.
#pragma once

#include <cstddef>

namespace bastion::connection {

class Budget {
 public:
  explicit Budget(std::size_t most) : most_(most) {}

  // False, and nothing is taken, when there is not so much left.
  [[nodiscard]] bool take(std::size_t bytes) {
    if (bytes > most_ - used_) return false;
    used_ += bytes;
    return true;
  }
  void give_back(std::size_t bytes) { used_ -= bytes; }

 private:
  std::size_t most_;
  std::size_t used_ = 0;
};

}  // namespace bastion::connection
