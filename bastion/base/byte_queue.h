// Bytes on their way out: appended at the back, taken from the front. An empty queue holds no memory; the buffers of
// busy ones go from hand to hand within a thread, so that a stream does not ask the system for pages all the time.
#pragma once

#include "bastion/base/bytes.h"

namespace bastion {

class ByteQueue {
 public:
  ByteQueue() = default;
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;
  ~ByteQueue() { give_back(); }

  void append(Bytes bytes) {
    if (bytes_.capacity() == 0) take_spare();
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  [[nodiscard]] Bytes front() const { return Bytes{bytes_}.subspan(taken_); }
  [[nodiscard]] MutableBytes front() { return MutableBytes{bytes_}.subspan(taken_); }
  [[nodiscard]] std::size_t size() const { return bytes_.size() - taken_; }
  [[nodiscard]] bool empty() const { return size() == 0; }

  void take(std::size_t count) {
    taken_ += count;
    if (taken_ == bytes_.size()) {
      give_back();
    } else if (taken_ > bytes_.size() / 2) {
      bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
      taken_ = 0;
    }
  }

 private:
  void take_spare();
  void give_back();

  ByteVector bytes_;
  std::size_t taken_ = 0;
};

}  // namespace bastion
