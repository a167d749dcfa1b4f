// The supervisor with programs that say what a process that serves says, or do not.
#include "bastion/server/supervisor.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>
#include <thread>

#include "bastion/loop/signals.h"
#include "tests/support/temporary_folder.h"

namespace bastion::server {
namespace {

using std::chrono::milliseconds;

// Is ready at once, notes what it is told, and stays until it is told to stop.
constexpr const char* kServes = R"(#!/bin/sh
trap 'echo stopped >> "$0.said"; exit 0' TERM
printf 'rabcd 60 1' >&0
while :; do sleep 0.05; done
)";
constexpr const char* kFails = "#!/bin/sh\nprintf 'fit has a reason' >&0\nexit 1\n";
constexpr const char* kSilent = "#!/bin/sh\nwhile :; do sleep 0.05; done\n";

struct SupervisedPrograms {
  SupervisedPrograms() { loop::catch_signals({SIGHUP, SIGTERM, SIGCHLD}); }

  // Installed under that name, in the place of one that is there.
  std::filesystem::path program(std::string_view name, std::string_view text) const {
    const auto fresh = folder.write("fresh", text);
    std::filesystem::permissions(fresh, std::filesystem::perms::owner_all);
    std::filesystem::rename(fresh, folder / name);
    return folder / name;
  }
  Supervisor::Settings settings(std::string_view first) const {
    return {.source = {.file = folder / "bastion.toml"},
            .state_dir = folder / "",
            .first = program("first", first),
            .program = folder / "program",
            .start_within = std::chrono::seconds{1},
            .pause = milliseconds{1}};
  }
  loop::FileLock lock() const {
    auto taken = loop::FileLock::take(folder / "lock");
    REQUIRE(taken.has_value());
    REQUIRE(taken->has_value());
    return **std::move(taken);
  }
  bool has_said(std::string_view what) const {
    return test::TemporaryFolder::read(folder / "first.said").contains(what);
  }

  test::TemporaryFolder folder;
};

}  // namespace

TEST_CASE("supervisor: a first process that does not serve is the end, with status 1") {
  for (const auto* program : {kFails, "#!/bin/sh\nexit 3\n", "nothing to execute"}) {
    const SupervisedPrograms programs;
    Supervisor supervisor(programs.settings(program), programs.lock());
    CHECK(supervisor.run() == 1);
  }
}

TEST_CASE("supervisor: SIGTERM ends the process, and gives the state directory back") {
  const SupervisedPrograms programs;
  {
    Supervisor supervisor(programs.settings(kServes), programs.lock());
    supervisor.on_serving([] { std::raise(SIGTERM); });
    CHECK(supervisor.run() == 0);
    CHECK(programs.has_said("stopped"));
  }
  CHECK(loop::FileLock::is_taken(programs.folder / "lock") == false);
}

TEST_CASE("supervisor: one that is never ready is given up, and the one before serves") {
  const SupervisedPrograms programs;
  Supervisor supervisor(programs.settings(kServes), programs.lock());
  supervisor.on_serving([&] {
    programs.program("program", kSilent);
    std::raise(SIGHUP);
  });
  supervisor.on_reloaded([&] {
    CHECK_FALSE(programs.has_said("stopped"));
    std::raise(SIGTERM);
  });
  CHECK(supervisor.run() == 0);
  CHECK(programs.has_said("stopped"));
}

}  // namespace bastion::server
