// A PostgreSQL server for one test (tests/support/postgres).
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/base/child_process.h"
#include "tests/support/temporary_folder.h"

namespace bastion::test {

class Postgres {
 private:
  static constexpr std::size_t kLongest = 64 * 1024;
  static constexpr std::chrono::seconds kWithin{60};

  [[nodiscard]] auto psql(const std::string& sql) const {
    return run_child(
        {.arguments = {"psql", "-XAtq", "-d", conninfo(), "-c", sql}, .longest = kLongest, .within = kWithin});
  }

 public:
  Postgres() { start(); }
  // Follows `primary`, which from now on answers nothing that is not here.
  struct StandbyOf {
    const Postgres& primary;
  };
  explicit Postgres(StandbyOf of) { REQUIRE(run("standby", of.primary.host())); }
  ~Postgres() {
    if (!has_crashed_) std::ignore = run("kill");
  }
  Postgres(const Postgres&) = delete;
  Postgres& operator=(const Postgres&) = delete;

  void start() { REQUIRE(run("start")); }
  void stop() { REQUIRE(run("stop")); }
  void kill() { REQUIRE(run("kill")); }

  // SIGKILL.
  void crash() {
    REQUIRE(run("crash"));
    has_crashed_ = true;
  }
  void promote() { REQUIRE(run("promote")); }

  // Where libpq finds it.
  [[nodiscard]] std::string host() const { return (folder_ / "").string(); }
  [[nodiscard]] std::string conninfo() const { return "host=" + host() + " user=bastion dbname=postgres"; }
  // What a statement answers, without a heading; empty when it failed.
  [[nodiscard]] std::string ask(const std::string& sql) const {
    const auto answered = psql(sql);
    return answered && answered->status == 0 ? answered->out : "";
  }
  // Whether it went well.
  [[nodiscard]] bool does(const std::string& sql) const {
    const auto answered = psql(sql);
    return answered && answered->status == 0;
  }

 private:
  [[nodiscard]] bool run(const char* action, const std::string& of = {}) const {
    std::vector<std::string> arguments{BASTION_SOURCE_DIR "/tests/support/postgres", action, host()};
    if (!of.empty()) arguments.push_back(of);
    const auto done = run_child({.arguments = arguments, .longest = kLongest, .within = kWithin});
    if (!done) MESSAGE(done.error().text);
    if (done && done->status != 0) MESSAGE(done->err);
    return done && done->status == 0;
  }

  bool has_crashed_ = false;
  TemporaryFolder folder_;  // its account's, not ours
};

}  // namespace bastion::test
