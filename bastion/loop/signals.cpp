#include "bastion/loop/signals.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <tuple>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {
namespace {

// What a handler may touch. The standard signals are the numbers below 32.
constexpr int kNumbers = 32;
std::atomic<std::uint32_t> g_arrived = 0;
// Open until the process ends: a handler may run until then, and must not write into what got its number.
std::atomic<int> g_wake = -1;

void on_signal(int number) {
  const int error = errno;
  g_arrived |= std::uint32_t{1} << number;
  const std::uint64_t one = 1;
  std::ignore = ::write(g_wake, &one, sizeof one);
  errno = error;
}

}  // namespace

void catch_signals(std::initializer_list<int> numbers) {
  if (g_wake < 0) g_wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (g_wake < 0) std::abort();
  struct sigaction action{};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  ::sigfillset(&action.sa_mask);
  for (const int number : numbers) {
    if (number >= kNumbers || ::sigaction(number, &action, nullptr) != 0) std::abort();
  }
}

Signals::Signals(Loop& loop, std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal)), watcher_(loop, g_wake, [this](unsigned) { deliver(); }) {
  watcher_.watch(Watcher::readable);
}

void Signals::deliver() {
  std::uint64_t count = 0;
  std::ignore = ::read(g_wake, &count, sizeof count);
  const auto arrived = g_arrived.exchange(0);
  for (int number = 1; number < kNumbers; ++number) {
    if ((arrived >> number & 1) != 0) contained("a signal", [&] { on_signal_(number); });
  }
}

}  // namespace bastion::loop
