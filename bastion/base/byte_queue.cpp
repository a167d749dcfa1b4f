#include "bastion/base/byte_queue.h"

namespace bastion {
namespace {

// A few for each thread: as many streams as can be busy in one turn of a loop.
constexpr std::size_t kSpares = 8;
constexpr std::size_t kLargestSpare = 1024 * 1024;

thread_local std::vector<ByteVector> spares;

}  // namespace

void ByteQueue::take_spare() {
  if (spares.empty()) return;
  bytes_ = std::move(spares.back());
  spares.pop_back();
}

void ByteQueue::give_back() {
  taken_ = 0;
  bytes_.clear();
  if (spares.size() < kSpares && bytes_.capacity() > 0 && bytes_.capacity() <= kLargestSpare) {
    spares.push_back(std::move(bytes_));
  }
  bytes_ = ByteVector{};
}

}  // namespace bastion
