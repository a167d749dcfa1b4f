// Bytes on their way out: appended at the back, taken from the front.
#pragma once

#include "bastion/base/bytes.h"

namespace bastion {

class ByteQueue {
 public:
  void append(Bytes bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  [[nodiscard]] Bytes front() const { return Bytes{bytes_}.subspan(taken_); }
  [[nodiscard]] MutableBytes front() { return MutableBytes{bytes_}.subspan(taken_); }
  [[nodiscard]] std::size_t size() const { return bytes_.size() - taken_; }
  [[nodiscard]] bool empty() const { return size() == 0; }

  void take(std::size_t count) {
    taken_ += count;
    if (taken_ == bytes_.size()) {
      taken_ = 0;
      // An idle login keeps no bulk buffer.
      if (bytes_.capacity() > kKeptWhenEmpty) ByteVector{}.swap(bytes_);
      bytes_.clear();
    } else if (taken_ > bytes_.size() / 2 && taken_ > kKeptWhenEmpty) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
  }

 private:
  static constexpr std::size_t kKeptWhenEmpty = 4096;

  ByteVector bytes_;
  std::size_t taken_ = 0;
};

}  // namespace bastion
