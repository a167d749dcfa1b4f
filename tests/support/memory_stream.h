// Two streams tied together in memory: what is written to one is read from the other when pump() is called.
#pragma once

#include <algorithm>
#include <memory>

#include "bastion/base/byte_queue.h"
#include "bastion/base/byte_stream.h"

namespace bastion::test {

class MemoryStream final : public ByteStream {
 public:
  void read_to(Reader* reader) override { reader_ = reader; }
  [[nodiscard]] MutableBytes prepare(std::size_t size) override { return unsent_.prepare(size); }
  void commit(std::size_t size) override { unsent_.commit(size); }
  [[nodiscard]] std::size_t backlog() const override { return unsent_.size(); }
  void end() override { ended_ = true; }
  void pause() override { paused_ = true; }
  void resume() override { paused_ = false; }

  // Hands at most `slice` bytes to the other end's reader. False when there was nothing to do.
  bool pump_to(MemoryStream& other, std::size_t slice) {
    if (unsent_.empty() || other.paused_ || other.reader_ == nullptr) return false;
    const auto size = std::min(unsent_.size(), slice);
    ByteVector bytes(unsent_.front().begin(), unsent_.front().begin() + static_cast<std::ptrdiff_t>(size));
    const bool was_above = unsent_.size() > kLowWater;
    unsent_.take(size);
    if (was_above && unsent_.size() <= kLowWater && reader_ != nullptr) reader_->on_drained();
    other.reader_->on_bytes(bytes);
    return true;
  }
  // The same for a peer that is not such a stream: takes so much as fits, and hands on what it says.
  std::size_t say(MutableBytes to) {
    const auto size = std::min(unsent_.size(), to.size());
    std::ranges::copy(unsent_.front().first(size), to.begin());
    unsent_.take(size);
    return size;
  }
  void hear(MutableBytes bytes) { reader_->on_bytes(bytes); }
  void lose() {
    if (reader_ != nullptr) reader_->on_lost(Error{"the test cut the wire"});
  }

 private:
  Reader* reader_ = nullptr;
  ByteQueue unsent_;
  bool paused_ = false;
  bool ended_ = false;
};

}  // namespace bastion::test
