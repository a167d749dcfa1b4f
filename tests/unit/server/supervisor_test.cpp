// The supervisor with programs that say what a process that serves says, or do not.
#include "bastion/server/supervisor.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

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
constexpr const char* kTurns =
    "#!/bin/sh\nprintf 'rabcd 60 1 turns' >&0\nwhile :; do printf 't3 1' >&0; sleep 0.05; done\n";
constexpr const char* kStandsStill =
    "#!/bin/sh\nprintf 'rabcd 60 1 turns' >&0\nwhile :; do printf 'sworker 1 has not turned\\nMAINPID=1' >&0; sleep "
    "0.05; done\n";
constexpr const char* kReadyAndSilent = "#!/bin/sh\nprintf 'rabcd 60 1 turns' >&0\nwhile :; do sleep 0.05; done\n";

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

// In the place of systemd: what is told, until it is a text after which the service is to end.
class Manager {
 public:
  Manager(const std::filesystem::path& folder, milliseconds watchdog, std::vector<std::string> ends_after)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)), ends_after_(std::move(ends_after)) {
    const auto path = (folder / "notify").string();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    ::setenv("WATCHDOG_USEC", std::to_string(std::chrono::microseconds(watchdog).count()).c_str(), 1);
    ::unsetenv("WATCHDOG_PID");
    thread_ = std::thread([this] { read(); });
  }
  ~Manager() {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC"}) ::unsetenv(name);
  }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  // Call when the service has ended.
  std::vector<std::string> told() {
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
    return told_;
  }

 private:
  void read() {
    std::array<char, 4096> text{};
    for (ssize_t size = 0; (size = ::recv(socket_.get(), text.data(), text.size(), 0)) > 0;) {
      told_.emplace_back(text.data(), static_cast<std::size_t>(size));
      if (awaited_ < ends_after_.size() && told_.back() == ends_after_[awaited_] && ++awaited_ == ends_after_.size()) {
        ::kill(::getpid(), SIGTERM);
      }
    }
  }

  loop::Descriptor socket_;
  std::vector<std::string> ends_after_;
  std::size_t awaited_ = 0;
  std::vector<std::string> told_;
  std::thread thread_;
};

}  // namespace

TEST_CASE("supervisor: the watchdog is fed with what the process says that serves") {
  const SupervisedPrograms programs;
  Manager manager(programs.folder / "", std::chrono::minutes{1}, {"WATCHDOG=1", "WATCHDOG=1"});
  {
    Supervisor supervisor(programs.settings(kTurns), programs.lock());
    std::ignore = supervisor.run();
  }
  const auto told = manager.told();
  REQUIRE(told.size() >= 4);
  CHECK(std::ranges::find(told, "READY=1") < std::ranges::find(told, "WATCHDOG=1"));
  CHECK(std::ranges::find(told, "STATUS=3 sessions, 1 connection not logged in yet") != told.end());
  CHECK(std::ranges::find(told, "STOPPING=1") != told.end());
}

TEST_CASE("supervisor: while a loop stands still the watchdog gets nothing, and the status says which, in one line") {
  const SupervisedPrograms programs;
  Manager manager(programs.folder / "", milliseconds{3}, {"STATUS=worker 1 has not turned?MAINPID=1"});
  {
    Supervisor supervisor(programs.settings(kStandsStill), programs.lock());
    std::ignore = supervisor.run();
  }
  const auto told = manager.told();
  const auto stopping = std::ranges::find(told, "STOPPING=1");
  REQUIRE(stopping != told.end());
  CHECK(std::find(told.begin(), stopping, "WATCHDOG=1") == stopping);
}

TEST_CASE("supervisor: a release that does not say that it turns is no reason to end it") {
  const SupervisedPrograms programs;
  Manager manager(programs.folder / "", milliseconds{30}, {"WATCHDOG=1"});
  Supervisor supervisor(programs.settings(kServes), programs.lock());
  CHECK(supervisor.run() == 0);
  CHECK(programs.has_said("stopped"));
  std::ignore = manager.told();
}

TEST_CASE("supervisor: one that has only sessions still and stands still is ended, and the others are not") {
  const SupervisedPrograms programs;
  const std::string alone = "STATUS=3 sessions, 1 connection not logged in yet";
  const std::string both = "STATUS=0 sessions; 0 sessions in an older process that has handed over";
  Manager manager(programs.folder / "", milliseconds{500}, {both, alone});
  Supervisor supervisor(programs.settings(kReadyAndSilent), programs.lock());
  supervisor.on_serving([&] {
    programs.program("program", kTurns);
    std::raise(SIGHUP);
  });
  std::ignore = supervisor.run();
  const auto told = manager.told();
  CHECK(std::ranges::find(told, both) < std::ranges::find(told, "STOPPING=1"));
}

TEST_CASE("service manager: the line for its status") {
  CHECK(status_of({}, {}) == "0 sessions");
  CHECK(status_of({.sessions = 1, .strangers = 2}, {}) == "1 session, 2 connections not logged in yet");
  CHECK(status_of({.sessions = 2}, {{.sessions = 3}}) ==
        "2 sessions; 3 sessions in an older process that has handed over");
  CHECK(status_of({.sessions = 2}, {{.sessions = 1}, {}}) ==
        "2 sessions; 1 session in 2 older processes that have handed over");
}

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
