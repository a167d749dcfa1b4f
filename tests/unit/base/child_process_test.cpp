#include "bastion/base/child_process.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/small_world.h"
#include "tests/support/temporary_folder.h"

namespace bastion {
namespace {

using std::chrono::milliseconds;
using test::must;
using test::refused;

ChildProcess shell(const std::string& script, std::string input = {}) {
  return {
      .arguments = {"sh", "-c", script}, .input = std::move(input), .longest = 100'000, .within = milliseconds(30'000)};
}

}  // namespace

TEST_CASE("a child says what it says on both streams, and how it ended") {
  const auto outcome = must(run_child(shell("cat; cat /proc/self/fd/0; echo wrong >&2; exit 7", "given\n")));
  CHECK(outcome.out == "given\ngiven\n");
  CHECK(outcome.err == "wrong\n");
  CHECK(outcome.status == 7);
  CHECK_FALSE(must(run_child(shell("kill -9 $$"))).status);
}

TEST_CASE("a child inherits nothing but three descriptors and a bare environment") {
  const int left_open = ::open("/dev/null", O_RDONLY);  // what somebody has forgotten to close
  REQUIRE(left_open >= 0);
  ::setenv("USER", "somebody", 1);
  const auto outcome = must(run_child(shell("env; ls /proc/self/fd")));
  ::close(left_open);
  CHECK(outcome.out.contains("PATH=/usr/local/bin:/usr/bin:/bin\n"));
  CHECK(outcome.out.contains("HOME=/nonexistent\n"));
  CHECK(outcome.out.contains("SHELL=/bin/false\n"));
  CHECK_FALSE(outcome.out.contains("USER="));
  CHECK(outcome.out.ends_with("0\n1\n2\n3\n"));  // 3 is what ls itself reads
}

TEST_CASE("a child that prints without an end or does not end is ended, and so is what it has started") {
  const test::TemporaryFolder folder;
  const auto fifo = (folder / "held").string();
  REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  struct Row {
    const char* script;  // behind what it has started
    const char* why;
  };
  const Row rows[] = {
      {"yes", "sh prints more than 100000 bytes"},
      {"sleep 1000", "sh has not ended within 300 ms"},
      {"exec >&- 2>&-; sleep 1000", "sh has not ended within 300 ms"},
      {"exit", "sh has not ended within 300 ms"},  // the other one has its streams still
  };
  for (const auto& row : rows) {
    CAPTURE(row.script);
    const int held = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    REQUIRE(held >= 0);
    auto child = shell(fmt::format("exec 3>{}; sleep 1000 & exec 3>&-; {}", fifo, row.script));
    child.within = milliseconds(300);
    CHECK(refused(run_child(child)).ends_with(row.why));
    pollfd end{held, POLLIN, 0};
    ::poll(&end, 1, 20'000);
    CHECK((end.revents & POLLHUP) != 0);  // nobody has the other end any more
    ::close(held);
  }
}

TEST_CASE("a child may close its streams before it ends") {
  CHECK(must(run_child(shell("echo said; exec >&- 2>&-; sleep 0.1; exit 3"))).status == 3);
}

TEST_CASE("a program that is not there is named") {
  CHECK(refused(run_child({.arguments = {"no-such-program"}})) ==
        "there is no program no-such-program on this machine");
  CHECK_FALSE(is_program("no-such-program"));
  CHECK(is_program("sh"));
}

}  // namespace bastion
