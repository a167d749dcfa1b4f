// The real process: it starts ssh, and whoever has taken the one that serves gets nothing else from it.
#include "bastion/launcher/launcher.h"

#include <doctest/doctest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "bastion/launcher/memory_file.h"
#include "bastion/launcher/messages.h"
#include "bastion/signer/packet.h"
#include "bastion/signer/sanitizer.h"
#include "tests/support/small_world.h"

namespace bastion::launcher {
namespace {

using test::must;
using test::refused;

struct Launched {
  Launched() { complaints = must(launcher->confine({secrets})); }

  test::TemporaryFolder folder;
  std::filesystem::path secrets = [this] {
    std::filesystem::create_directories(folder / "keys");
    folder.write("keys/secret", "HostName from-a-key\n");
    folder.write("public", "HostName 10.0.0.9\n");
    return folder / "keys";
  }();
  std::unique_ptr<Launcher> launcher = must(Launcher::start());
  std::vector<std::string> complaints;
};

bool is_confined(const Launched& launched) {
  if (!launched.complaints.empty() || BASTION_HAS_SANITIZER) MESSAGE("this system or build cannot confine it");
  return launched.complaints.empty() && !BASTION_HAS_SANITIZER;
}

}  // namespace

TEST_CASE("the launcher gives the answer that ssh gives, with all that it says and its status") {
  const Launched launched;
  const std::vector<SshQuestion> questions{
      {.config = "Host web\n  HostName 10.0.0.1\n  Port 2022\n", .host = "web"},
      {.config = "Host web\n  HostName 10.0.0.1\n", .host = "web", .user = "alice", .port = "23", .jumps = "bob@gw"},
      {.config = "Port none\n", .host = "web"},
      {.config = "", .host = "-oProxyCommand=x"},
      {.config = std::string(4'000'000, '\n') + "User late\n", .host = "web"},
  };
  for (const auto& question : questions) {
    CAPTURE(question.host);
    const auto asked = must(launched.launcher->run(question));
    const auto here = must(run_ssh(question));
    CHECK(asked.status == here.status);
    CHECK(asked.out == here.out);
    CHECK(asked.err == here.err);
  }
  CHECK(must(launched.launcher->run(questions[0])).out.contains("hostname 10.0.0.1\n"));
}

TEST_CASE("the launcher answers several who ask at the same time, each with what they have asked") {
  const Launched launched;
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto name = "host-" + std::to_string(i);
      for (int n = 0; n < 5; ++n) {
        const auto answer = launched.launcher->run({.config = "", .host = name});
        if (!answer || !answer->out.contains("hostname " + name + "\n")) ++wrong[i];
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

TEST_CASE("what is too much for the launcher is said so, and the next question is answered") {
  const Launched launched;
  CHECK(refused(launched.launcher->run({.config = std::string(kLongestSshConfig + 1, '\n'), .host = "web"})) ==
        "a text of more than 5242880 bytes");
  CHECK(refused(launched.launcher->run({.host = std::string(20'000, 'x')})) == "this is too much to ask ssh");
  // Of sixteen letters a line that is complained of, more than may be printed.
  std::string wrong;
  for (int i = 0; i < 20'000; ++i) wrong += "Nonsense x\n";
  CHECK(refused(launched.launcher->run({.config = wrong, .host = "web"})).contains("prints more than 262144 bytes"));
  CHECK(must(launched.launcher->run({.host = "web"})).status == 0);
}

TEST_CASE("a configuration has the launcher execute nothing, read no key, write nothing and ask no network") {
  const Launched launched;
  const auto trap = launched.folder / "trap";
  const auto asks = [&](const std::string& config) {
    return must(launched.launcher->run({.config = config + "\n", .host = "web"}));
  };
  asks("Match exec \"touch " + trap.string() + "\"\n  User x");
  asks("ProxyCommand touch " + trap.string());
  asks("Match localnetwork 10.0.0.0/8\n  User x");
  CHECK_FALSE(std::filesystem::exists(trap));
  CHECK(asks("Include " + (launched.folder / "public").string()).out.contains("hostname 10.0.0.9\n"));
  if (!is_confined(launched)) return;
  CHECK_FALSE(asks("Include " + (launched.secrets / "secret").string()).out.contains("from-a-key"));
  // A name of the network would be taken from it here.
  CHECK(asks("CanonicalizeHostname yes\nCanonicalDomains example.org").out.contains("hostname web\n"));
}

TEST_CASE("a launcher that has ended is an error each time, and no wait") {
  const Launched launched;
  ::kill(launched.launcher->process(), SIGKILL);
  for (int i = 0; i < 3; ++i) {
    CHECK(refused(launched.launcher->run({.host = "web"})).starts_with("the process that starts ssh: "));
  }
}

TEST_CASE("a launcher that stands still is given up, and a late answer is not taken for the next one") {
  const auto launcher = must(Launcher::start(std::chrono::milliseconds(200)));
  std::ignore = must(launcher->confine({}));
  ::kill(launcher->process(), SIGSTOP);
  CHECK(refused(launcher->run({.host = "first"})) == "the process that starts ssh: no answer in time");
  ::kill(launcher->process(), SIGCONT);
  for (;;) {
    const auto answer = launcher->run({.host = "second"});
    if (!answer) continue;  // ssh takes its time too
    CHECK(answer->out.contains("hostname second\n"));
    break;
  }
}

}  // namespace bastion::launcher
