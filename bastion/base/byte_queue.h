// Bytes on their way: put in at the back, taken from the front. An empty queue holds no memory; the buffers of busy
// ones go from hand to hand within a thread, so that a stream does not ask the system for pages all the time.
#pragma once

#include <cstring>
#include <memory>

#include "bastion/base/bytes.h"

namespace bastion {

class ByteQueue {
 public:
  ByteQueue() = default;
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;
  ~ByteQueue() { give_back(); }

  // Room behind the last byte, for whoever can write there instead of having a copy made. What is in it counts when
  // commit() says how much; any other call before that takes the room back.
  [[nodiscard]] MutableBytes prepare(std::size_t size) {
    if (buffer_.size - end_ < size) make_room(size);
    return {buffer_.bytes.get() + end_, size};
  }
  void commit(std::size_t size) { end_ += size; }
  // Whether these bytes lie where prepare() has pointed to.
  [[nodiscard]] bool has_prepared(Bytes bytes) const {
    return buffer_.bytes != nullptr && bytes.data() == buffer_.bytes.get() + end_;
  }

  void append(Bytes bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  [[nodiscard]] Bytes front() const { return {buffer_.bytes.get() + begin_, size()}; }
  [[nodiscard]] MutableBytes front() { return {buffer_.bytes.get() + begin_, size()}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return size() == 0; }

  void take(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) give_back();
  }
  void clear() { give_back(); }
  // For a queue that may stay as it is for long: a little does not keep a large buffer.
  void settle();

 private:
  friend class SpareBuffers;

  struct Buffer {
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t size = 0;
  };

  void make_room(std::size_t size);
  void move_to(Buffer buffer);
  void give_back();

  Buffer buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace bastion
