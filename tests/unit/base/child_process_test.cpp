#include "bastion/base/child_process.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/small_world.h"

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
  const auto outcome = must(run_child(shell("env; ls /proc/self/fd")));
  CHECK(outcome.out.contains("PATH=/usr/local/bin:/usr/bin:/bin\n"));
  CHECK(outcome.out.contains("HOME=/nonexistent\n"));
  CHECK(outcome.out.contains("SHELL=/bin/false\n"));
  CHECK_FALSE(outcome.out.contains("USER="));
  CHECK(outcome.out.ends_with("0\n1\n2\n3\n"));  // 3 is what ls itself reads
}

TEST_CASE("a child that prints without an end or does not end is ended, and so is what it has started") {
  CHECK(refused(run_child(shell("yes"))).ends_with("sh prints more than 100000 bytes"));
  auto slow = shell("sleep 1000 & sleep 1000");
  slow.within = milliseconds(50);
  CHECK(refused(run_child(slow)).ends_with("sh has not ended within 50 ms"));
}

TEST_CASE("a program that is not there is named") {
  CHECK(refused(run_child({.arguments = {"no-such-program"}})) ==
        "there is no program no-such-program on this machine");
  CHECK_FALSE(is_program("no-such-program"));
  CHECK(is_program("sh"));
}

}  // namespace bastion
