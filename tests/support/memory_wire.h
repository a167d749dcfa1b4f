// Two wires tied together in memory: what is written to one is read from the other when pump() is called.
#pragma once

#include <memory>

#include "bastion/base/byte_queue.h"
#include "bastion/base/wire.h"

namespace bastion::test {

class MemoryWire final : public Wire {
 public:
  void read_to(Reader* reader) override { reader_ = reader; }
  void write(Bytes bytes) override { unsent_.append(bytes); }
  [[nodiscard]] std::size_t backlog() const override { return unsent_.size(); }
  void end() override { ended_ = true; }
  void pause() override { paused_ = true; }
  void resume() override { paused_ = false; }

  // Hands at most `slice` bytes to the other end's reader. False when there was nothing to do.
  bool pump_to(MemoryWire& other, std::size_t slice) {
    if (unsent_.empty() || other.paused_ || other.reader_ == nullptr) return false;
    const auto size = std::min(unsent_.size(), slice);
    ByteVector bytes(unsent_.front().begin(), unsent_.front().begin() + static_cast<std::ptrdiff_t>(size));
    const bool was_above = unsent_.size() > kLowWater;
    unsent_.take(size);
    if (was_above && unsent_.size() <= kLowWater && reader_ != nullptr) reader_->on_drained();
    other.reader_->on_bytes(bytes);
    return true;
  }
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
