#include "bastion/base/log.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bastion::log {
namespace {

// Standard error as a pipe that is read when the test wants to.
class StandardError {
 public:
  StandardError() : before_(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)) {
    REQUIRE(::pipe2(pipe_.data(), O_CLOEXEC) == 0);
    REQUIRE(::dup2(pipe_[1], STDERR_FILENO) == STDERR_FILENO);
    ::unsetenv("JOURNAL_STREAM");
  }
  ~StandardError() {
    restore();
    ::close(pipe_[0]);
  }
  StandardError(const StandardError&) = delete;
  StandardError& operator=(const StandardError&) = delete;

  // All that was written; nobody writes there any more.
  [[nodiscard]] std::string all() {
    restore();
    std::string text;
    std::array<char, 8000> buffer{};
    for (ssize_t got = 0; (got = ::read(pipe_[0], buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  void restore() {
    if (before_ < 0) return;
    ::dup2(before_, STDERR_FILENO);
    ::close(std::exchange(before_, -1));
    ::close(pipe_[1]);
  }

 private:
  std::array<int, 2> pipe_{-1, -1};
  int before_;
};

// The level of the log, as it was for the tests that follow.
struct SameLevel {
  ~SameLevel() { set_level(before); }
  Level before = level();
};

}  // namespace

TEST_CASE("the last lines of an output are written before it is gone") {
  const SameLevel same;
  StandardError standard_error;
  {
    const Output output(Level::info);
    for (int i = 0; i < 100; ++i) info("event number={}", i);
    debug("nobody wants this");
    warning("from=\"{}\"", "evil\n2026-01-01 error: forged");
  }
  const auto text = standard_error.all();
  CHECK(text.contains(" info: event number=0\n"));
  CHECK(text.contains(" info: event number=99\n"));
  CHECK(text.ends_with(" warning: from=\"evil?2026-01-01 error: forged\"\n"));
  CHECK_FALSE(text.contains("nobody"));
}

TEST_CASE("a line has its bound") {
  const SameLevel same;
  StandardError standard_error;
  {
    const Output output(Level::info);
    info("{}", std::string(500'000, 'x'));
    info("{}", "the next");
  }
  const auto text = standard_error.all();
  CHECK(text.contains("xxx...\n"));
  CHECK(text.size() < 40'000);
  CHECK(text.ends_with(" info: the next\n"));
}

TEST_CASE("the level may change while others log") {
  const SameLevel same;
  StandardError standard_error;
  {
    const Output output(Level::warning);
    std::thread other([] {
      for (int i = 0; i < 1000; ++i) info("from another thread");
    });
    info("too early");
    set_level(Level::debug);
    debug("now it counts");
    other.join();
  }
  const auto text = standard_error.all();
  CHECK_FALSE(text.contains("too early"));
  CHECK(text.contains(" debug: now it counts\n"));
}

TEST_CASE("nobody waits when standard error is read no more, neither who logs nor who ends") {
  const SameLevel same;
  StandardError standard_error;
  {
    const Output output(Level::info);
    for (int i = 0; i < 100'000; ++i) info("event number={} {:.<80}", i, "");
  }
  const auto text = standard_error.all();
  CHECK(text.contains(" info: event number=0 "));
  CHECK_FALSE(text.contains("number=99999"));
}

TEST_CASE("without an output warnings are written at once, and nothing less") {
  StandardError standard_error;
  const auto child = ::fork();
  if (child == 0) {
    {
      const Output before(Level::warning);
    }  // whatever other tests left: this one was read to its end
    info("nobody wants this");
    warning("the disk is full");
    std::_Exit(0);
  }
  ::waitpid(child, nullptr, 0);
  CHECK(standard_error.all() == "bastion: warning: the disk is full\n");
}

TEST_CASE("a process that aborts has written what it said before") {
  StandardError standard_error;
  const auto child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);  // doctest's
    const Output output(Level::info);
    for (int i = 0; i < 100; ++i) info("event number={}", i);
    std::abort();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGABRT);
  CHECK(standard_error.all().contains("number=99\n"));
}

TEST_CASE("an exception that nobody catches is in the log") {
  StandardError standard_error;
  const auto child = ::fork();
  if (child == 0) {
    std::signal(SIGABRT, SIG_DFL);
    const Output output(Level::info);
    std::thread([] { throw std::runtime_error("the sky falls"); }).join();
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WIFSIGNALED(status));
  CHECK(standard_error.all().contains(" error: ended by an exception that nobody caught: the sky falls"));
}

}  // namespace bastion::log
