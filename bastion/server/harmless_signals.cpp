#include "bastion/server/harmless_signals.h"

#include <fmt/format.h>

#include <csignal>
#include <cstring>

#include "bastion/base/log.h"
#include "bastion/loop/signals.h"

namespace bastion::server {

void disarm_signals() {
  loop::catch_signals({SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT, SIGALRM});
  for (const int number : {SIGPIPE, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGXCPU, SIGXFSZ}) {
    std::signal(number, SIG_IGN);
  }
  for (int number = SIGRTMIN; number <= SIGRTMAX; ++number) std::signal(number, SIG_IGN);
}

std::string name_of_signal(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name == nullptr ? fmt::format("{}", number) : fmt::format("SIG{}", name);
}

void IgnoredSignals::note(int number, std::chrono::milliseconds now) {
  const auto said = said_.find(number);
  if (said != said_.end() && now - said->second < kSilence) return;
  said_[number] = now;
  log::info("signal ignored name={}", name_of_signal(number));
}

}  // namespace bastion::server
