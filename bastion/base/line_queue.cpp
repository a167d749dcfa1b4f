#include "bastion/base/line_queue.h"

#include <exception>

namespace bastion {

void LineQueue::count_lost() noexcept {
  ++lost_;
  ++lost_in_all_;
}

void LineQueue::push(std::string_view line) noexcept {
  bool waiting = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    if (lost_ > 0 || line.size() > most_ - text_.size()) {
      count_lost();
    } else {
      try {
        text_ += line;
      } catch (const std::exception&) {  // no memory
        count_lost();
      }
    }
    waiting = idle_.exchange(false);
  }
  if (waiting) something_.notify_one();
}

void LineQueue::lose() noexcept {
  bool waiting = false;
  {
    const std::lock_guard lock(mutex_);
    count_lost();
    waiting = idle_.exchange(false);
  }
  if (waiting) something_.notify_one();
}

bool LineQueue::take(Batch& batch) {
  batch.text.clear();
  if (batch.text.capacity() > kKept) batch.text.shrink_to_fit();
  std::unique_lock lock(mutex_);
  while (text_.empty() && lost_ == 0) {
    idle_ = true;
    if (closed_) return false;
    something_.wait(lock);
  }
  idle_ = false;
  batch.text.swap(text_);
  batch.lost = lost_;
  lost_ = 0;
  return true;
}

void LineQueue::close() noexcept {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  something_.notify_one();
}

}  // namespace bastion
