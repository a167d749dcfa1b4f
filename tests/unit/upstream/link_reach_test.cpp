#include "bastion/upstream/link_reach.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <list>
#include <string>

#include "bastion/base/clock.h"
#include "bastion/loop/local_listener.h"
#include "bastion/upstream/link_place.h"
#include "tests/support/run_until.h"
#include "tests/support/upstream_world.h"

namespace bastion::upstream {
namespace {

using test::must;

constexpr std::int64_t kBackend = 9;

// Links of a backend, as other threads or processes have them: what each says to whoever connects.
struct LinkReachWorld : test::UpstreamWorld {
  LinkReachWorld() {
    credentials.links.folder = links_folder / "";
    credentials.links.last = [this](std::int64_t /*backend*/) { return last; };
  }

  std::filesystem::path link(std::uint64_t began, std::string line) {
    const auto socket = LinkPlace(credentials.links.folder).socket_of(kBackend, began, "id");
    listeners.push_back(must(loop::LocalListener::open(loop, socket, [this, line](loop::Descriptor connection) {
      REQUIRE(::write(connection.get(), line.data(), line.size()) == std::ssize(line));
      connections.push_back(std::move(connection));
    })));
    return socket;
  }
  std::expected<std::unique_ptr<ByteStream>, End> reach() {
    access::Hop hop{.backend = kBackend, .name = "be9", .host = {}, .account = "hop", .dials_in = true};
    auto task = reach_by_link(credentials, hop);
    std::optional<std::expected<std::unique_ptr<ByteStream>, End>> reached;
    task.start([&] { reached = task.take(); });
    test::run_until(loop, [&] { return reached.has_value(); });
    return *std::move(reached);
  }
  // How it ends.
  End fails() {
    auto reached = reach();
    REQUIRE_FALSE(reached);
    return reached.error();
  }

  test::TemporaryFolder links_folder;
  std::optional<std::int64_t> last;
  std::list<std::unique_ptr<loop::LocalListener>> listeners;
  std::list<loop::Descriptor> connections;
};

}  // namespace

TEST_CASE("links: the newest that leads on is taken, and those that do not are left for it") {
  LinkReachWorld world;
  world.link(1, "+\nSSH-2.0-oldest\n");
  world.link(2, "+\nSSH-2.0-older\n");
  world.link(3, "-connection refused\n");
  world.link(4, "much too long" + std::string(kLongestLinkLine, 'x'));
  auto reached = world.reach();
  REQUIRE(reached);
  CHECK(world.connections.size() == 3);
}

TEST_CASE("links: a link that is there and does not lead on is the backend's fault") {
  LinkReachWorld world;
  world.link(1, "-its ssh opens no channel\x1b[2J\n");
  const auto end = world.fails();
  CHECK(end.reason == Reason::backend_unreachable);
  CHECK(end.subject == "be9");
  CHECK(end.detail == "its ssh opens no channel?[2J");
}

TEST_CASE("links: without one the user reads since when") {
  LinkReachWorld world;
  CHECK(sentence_of(world.fails()) == "backend be9 has not dialled in yet; tell your administrator");
  world.last = 1'700'000'000;
  CHECK(sentence_of(world.fails()) ==
        "backend be9 has not dialled in since 2023-11-14 22:13 UTC; tell your administrator");
}

TEST_CASE("links: one that was there a moment ago is waited for") {
  LinkReachWorld world;
  world.last = unix_now();
  loop::Timer comes(world.loop, [&] { world.link(1, "+\n"); });
  comes.start(std::chrono::milliseconds(50));
  CHECK(world.reach());
  // So is one that the process before may have had.
  world.listeners.clear();
  world.last = 1;
  world.credentials.links.since = unix_now();
  comes.start(std::chrono::milliseconds(50));
  CHECK(world.reach());
}

}  // namespace bastion::upstream
