// A PostgreSQL server for one test (tests/support/postgres).
#pragma once

#include <doctest/doctest.h>

#include <string>

#include "bastion/base/child_process.h"
#include "tests/support/temporary_folder.h"

namespace bastion::test {

class Postgres {
 public:
  Postgres() { start(); }
  ~Postgres() { std::ignore = run("kill"); }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  void start() { REQUIRE(run("start")); }
  void stop() { REQUIRE(run("stop")); }
  void kill() { REQUIRE(run("kill")); }

  // Where libpq finds it.
  [[nodiscard]] std::string conninfo() const {
    return "host=" + (folder_ / "").string() + " user=bastion dbname=postgres";
  }
  // What a statement answers, without a heading; empty when it failed.
  [[nodiscard]] std::string ask(const std::string& sql) const {
    const auto answered = run_child(
        {.arguments = {"psql", "-XAtq", "-d", conninfo(), "-c", sql}, .longest = kLongest, .within = kWithin});
    return answered && answered->status == 0 ? answered->out : "";
  }

 private:
  static constexpr std::size_t kLongest = 64 * 1024;
  static constexpr std::chrono::seconds kWithin{60};

  [[nodiscard]] bool run(const char* action) const {
    const auto done =
        run_child({.arguments = {BASTION_SOURCE_DIR "/tests/support/postgres", action, (folder_ / "").string()},
                   .longest = kLongest,
                   .within = kWithin});
    if (!done) MESSAGE(done.error().text);
    if (done && done->status != 0) MESSAGE(done->err);
    return done && done->status == 0;
  }

  TemporaryFolder folder_;  // its account's, not ours
};

}  // namespace bastion::test
