#include "bastion/base/last_words.h"

#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <exception>
#include <typeinfo>

#include "bastion/base/log.h"

namespace bastion {
namespace {

constexpr std::array kFaults{SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS};
constexpr int kLooks = 100;
constexpr long kBetween = 10'000'000;  // nanoseconds

std::atomic<bool (*)()> g_all_written = nullptr;

// The action is the default again: what was done is done once more when this returns, or raised again.
void on_fault(int number) {
  for (int look = 0; look < kLooks && !g_all_written.load()(); ++look) {
    const timespec between{.tv_sec = 0, .tv_nsec = kBetween};
    ::nanosleep(&between, nullptr);
  }
  ::raise(number);
}

// The library's own prints to standard error, and so waits for whoever reads there.
[[noreturn]] void on_terminate() {
  try {
    if (const auto exception = std::current_exception()) std::rethrow_exception(exception);
    log::error("ended by std::terminate");
  } catch (const std::exception& error) {
    log::error("ended by an exception that nobody caught: {} ({})", error.what(), typeid(error).name());
  } catch (...) {
    log::error("ended by an exception that nobody caught");
  }
  std::abort();
}

}  // namespace

void leave_last_words(bool (*all_written)()) {
  g_all_written = all_written;
  std::set_terminate(on_terminate);
  for (const int number : kFaults) {
    struct sigaction action{};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action.sa_handler = on_fault;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    ::sigaction(number, &action, nullptr);
  }
}

}  // namespace bastion
