#include "bastion/base/byte_queue.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

namespace bastion {
namespace {

constexpr std::size_t kSmallest = 1024;
constexpr std::size_t kLittle = 4096;

}  // namespace

// A few for each thread: as many streams as can be busy in one turn of a loop. Small ones are the allocator's business.
class SpareBuffers {
 public:
  // The largest that is not too large for so little: it need not grow soon.
  ByteQueue::Buffer take(std::size_t size) {
    const auto worth = [size](const ByteQueue::Buffer& spare) {
      return spare.size >= size && spare.size <= kMostTooLarge * size ? spare.size : 0;
    };
    const auto best = std::ranges::max_element(spares_, {}, worth);
    if (best == spares_.end() || worth(*best) == 0) return allocate(size);
    auto buffer = std::move(*best);
    spares_.erase(best);
    return buffer;
  }
  // The one that nobody has wanted for longest goes: what one thing has needed must not be in the way of all others.
  void put(ByteQueue::Buffer buffer) {
    if (buffer.size < kSmallestKept || buffer.size > kLargestKept) return;
    if (spares_.size() == kKept) spares_.erase(spares_.begin());
    spares_.push_back(std::move(buffer));
  }

  static ByteQueue::Buffer allocate(std::size_t size) {
    const auto rounded = std::max(std::bit_ceil(size), kSmallest);
    return {.bytes = std::make_unique_for_overwrite<std::uint8_t[]>(rounded), .size = rounded};
  }

 private:
  static constexpr std::size_t kKept = 8;
  static constexpr std::size_t kMostTooLarge = 8;  // it may hold little for long
  static constexpr std::size_t kSmallestKept = 16 * 1024;
  static constexpr std::size_t kLargestKept = 1024 * 1024;

  std::vector<ByteQueue::Buffer> spares_;
};

namespace {

thread_local SpareBuffers spares;

}  // namespace

// What is left is moved to the beginning only if at least as much has been taken since the last time: a byte is moved
// once at most, however slowly the queue moves on.
void ByteQueue::make_room(std::size_t size) {
  const auto needed = this->size() + size;
  if (needed <= buffer_.size && begin_ >= this->size()) {
    std::memcpy(buffer_.bytes.get(), buffer_.bytes.get() + begin_, this->size());
    end_ = this->size();
    begin_ = 0;
  } else {
    move_to(spares.take(needed <= buffer_.size ? 2 * buffer_.size : needed));
  }
}

void ByteQueue::settle() {
  if (empty() || size() > kLittle || buffer_.size <= 2 * kLittle) return;
  move_to(SpareBuffers::allocate(size()));
}

void ByteQueue::move_to(Buffer buffer) {
  const auto kept = size();
  if (kept > 0) std::memcpy(buffer.bytes.get(), buffer_.bytes.get() + begin_, kept);
  spares.put(std::exchange(buffer_, std::move(buffer)));
  begin_ = 0;
  end_ = kept;
}

void ByteQueue::give_back() {
  begin_ = 0;
  end_ = 0;
  spares.put(std::exchange(buffer_, {}));
}

}  // namespace bastion
