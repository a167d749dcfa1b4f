// Signals whose default is to end the process, and that say nothing about the process itself.
#pragma once

#include <chrono>
#include <map>
#include <string>

namespace bastion::server {

// Takes that from them for the rest of the process's life, in all threads. Those that somebody sends on purpose are
// caught (loop/signals.h), the others ignored; SIGTERM and SIGINT end it still. A write beyond the limit for the size
// of files (SIGXFSZ) and one that nobody reads (SIGPIPE) fail instead, which is said where it happens.
void disarm_signals();

[[nodiscard]] std::string name_of_signal(int number);

// Says of a signal that it does nothing.
class IgnoredSignals {
 public:
  // How often that is said at most.
  static constexpr std::chrono::minutes kSilence{1};

  void note(int number, std::chrono::milliseconds now);

 private:
  std::map<int, std::chrono::milliseconds> said_;  // when, by the loop's clock
};

}  // namespace bastion::server
