#include "bastion/signer/connector.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "bastion/loop/local_listener.h"
#include "bastion/loop/loop.h"
#include "tests/support/small_world.h"

namespace bastion::signer {
namespace {

namespace fs = std::filesystem;
using test::must;
using test::refused;

// Whoever connects has a connection as soon as somebody listens: nobody has to accept it.
struct Listening {
  explicit Listening(const fs::path& file) : listener(must(loop::LocalListener::open(loop, file, [](auto) {}))) {}
  loop::Loop loop;
  std::unique_ptr<loop::LocalListener> listener;
};

TEST_CASE("a process connects for one that may not, and again when the socket is another one") {
  const test::TemporaryFolder folder;
  const auto socket = folder / "agent";
  const auto connector = must(Connector::start([&] { return connects_to_agent(socket); }));
  CHECK(refused(connector->connect()) == "No such file or directory");
  {
    const Listening listening(socket);
    const auto connection = must(connector->connect());
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    CHECK(::getpeername(connection.get(), reinterpret_cast<sockaddr*>(&peer), &size) == 0);
    CHECK(peer.ss_family == AF_UNIX);
  }
  CHECK(refused(connector->connect()) == "No such file or directory");
  const Listening another(socket);
  CHECK(connector->connect());
}

TEST_CASE("the socket of an agent belongs to root or to whoever asks") {
  if (::geteuid() != 0) return;
  const test::TemporaryFolder folder;
  const auto socket = folder / "agent";
  const Listening listening(socket);
  const auto connector = must(Connector::start([&] { return connects_to_agent(socket); }));
  constexpr uid_t kSomebody = 65534;
  REQUIRE(::chown(socket.c_str(), kSomebody, kSomebody) == 0);
  CHECK(refused(connector->connect()) ==
        "the socket belongs to the account 65534, and has to be root's or this one's (0)");
  REQUIRE(::chown(socket.c_str(), 0, 0) == 0);
  CHECK(connector->connect());
}

TEST_CASE("within a folder no link, no path and nothing but a socket leads anywhere, whatever the folder is called") {
  const test::TemporaryFolder world;
  const auto folder = world / "peers";
  const auto elsewhere = world / "elsewhere";
  fs::create_directory(folder);
  fs::create_directory(elsewhere);
  const Listening agent(elsewhere / "agent");
  const Listening peer(folder / "peer");
  std::ofstream(folder / "file") << "no socket";
  fs::create_symlink(elsewhere / "agent", folder / "link");
  const auto connector = must(Connector::start([&] { return connects_within(folder); }));
  CHECK(connector->connect("peer"));
  CHECK(refused(connector->connect("link")) == "link: this is no socket");
  CHECK(refused(connector->connect("file")) == "file: this is no socket");
  CHECK(refused(connector->connect("none")) == "none: No such file or directory");
  for (const auto* const name : {"", ".", "..", "../elsewhere/agent", "/run/agent"}) {
    CAPTURE(name);
    CHECK(refused(connector->connect(name)) == "this is no name of a socket");
  }
  // A thief has it stand for another one.
  fs::rename(folder, world / "before");
  fs::create_directory_symlink(elsewhere, folder);
  CHECK(refused(connector->connect("agent")) == "agent: No such file or directory");
  CHECK(connector->connect("peer"));
}

TEST_CASE("without that process there is a reason and no connection") {
  const test::TemporaryFolder folder;
  const auto connector = must(Connector::start([&] { return connects_to_agent(folder / "agent"); }));
  ::kill(connector->process(), SIGKILL);
  while (refused(connector->connect()) == "No such file or directory") {
  }
  CHECK(refused(connector->connect()).starts_with("the process that connects: "));
}

}  // namespace
}  // namespace bastion::signer
