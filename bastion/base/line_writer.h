// Writes lines to a descriptor by a thread of its own, so that nobody waits for whoever reads there: a pipe that is
// full, a terminal that was stopped, a socket of a journal that hangs, a disk without room. What comes meanwhile is
// queued up to a bound; what is more is lost, and one line says how much when the descriptor takes something again.
//
// The descriptor stays as it is: O_NONBLOCK belongs to the open file, which other processes share.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

namespace bastion {

class LineWriter {
 public:
  // The line that says how many were lost, with its newline. Called on the writer's thread.
  using SayLost = std::function<std::string(std::uint64_t count)>;

  // `fd` stays the caller's. Throws std::system_error when there can be no thread.
  LineWriter(int fd, std::size_t most, SayLost say_lost);
  // As close(), without time to write anything more.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // From any thread; neither waits nor throws. Lines are written in the order in which they come, each as a whole.
  void push(std::string_view line) noexcept;
  // Counts a line that could not be made.
  void lose() noexcept;

  // Writes what is queued, for so long at most, and ends the thread. What is left then is lost, and so is what comes
  // later. A thread that the system holds in write(2) is left behind.
  void close(std::chrono::milliseconds within);

  // Lines that were lost since it was made.
  [[nodiscard]] std::uint64_t lost() const noexcept;
  // Whether everything has been written. For a signal handler.
  [[nodiscard]] bool idle() const noexcept;

 private:
  class Writing;

  std::shared_ptr<Writing> writing_;  // the thread's too: it may have to be left behind
  std::thread thread_;
};

}  // namespace bastion
