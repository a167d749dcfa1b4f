// Lines on their way to a reader that may be slow or stand still: bounded in bytes. Whoever has a line never waits; a
// line for which there is no room is lost, and counted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace bastion {

class LineQueue {
 public:
  struct Batch {
    std::string text;        // whole lines
    std::uint64_t lost = 0;  // so many came after them and are not there
  };

  // Holds at most so many bytes, beside the batch that was taken last.
  explicit LineQueue(std::size_t most) : most_(most) {}
  LineQueue(const LineQueue&) = delete;
  LineQueue& operator=(const LineQueue&) = delete;

  // From any thread. `line` ends with its newline. Once a line was lost, those after it are lost too until the next
  // take(): a gap is one gap. After close() everything is lost.
  void push(std::string_view line) noexcept;
  // Counts a line that could not even be made.
  void lose() noexcept;

  // All that were lost, since it was made.
  [[nodiscard]] std::uint64_t lost() const noexcept { return lost_in_all_.load(std::memory_order_relaxed); }

  // For the one thread that writes: waits until there is something. False: closed, and nothing is left.
  [[nodiscard]] bool take(Batch& batch);
  void close() noexcept;

  // Whether all that was pushed has been taken, and take() was called again since. May be asked by a signal handler.
  [[nodiscard]] bool idle() const noexcept { return idle_.load(); }

 private:
  void count_lost() noexcept;

  // What an emptied batch may keep of its memory.
  static constexpr std::size_t kKept = 64 * 1024;

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable something_;
  std::string text_;
  std::uint64_t lost_ = 0;
  std::atomic<std::uint64_t> lost_in_all_ = 0;  // changed under mutex_
  bool closed_ = false;
  std::atomic<bool> idle_ = false;
};

}  // namespace bastion
