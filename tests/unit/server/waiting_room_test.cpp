#include "bastion/server/waiting_room.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/config/config.h"
#include "bastion/loop/loop.h"
#include "bastion/metrics/counters.h"
#include "store/writer.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"

namespace bastion::server {
namespace {

using test::must;
using test::run_until;

constexpr std::string_view kRefusal = "Not allowed at this time\r\n";

// The two ends of a connection.
struct Connected {
  loop::Descriptor client;
  loop::Descriptor server;
};

Connected connected() {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* const where = reinterpret_cast<sockaddr*>(&address);
  const loop::Descriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
  REQUIRE(::bind(listener.get(), where, size) == 0);
  REQUIRE(::listen(listener.get(), 1) == 0);
  REQUIRE(::getsockname(listener.get(), where, &size) == 0);
  Connected both{.client = loop::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), .server = {}};
  std::ignore = ::connect(both.client.get(), where, size);
  both.server = loop::Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
  REQUIRE(both.server.valid());
  return both;
}

struct WaitingWorld : test::SmallWorld {
  explicit WaitingWorld(const WaitingRoom::Limits& limits) {
    config.max_startups_per_source = 2;
    entrance = std::make_unique<Entrance>(loop, *writer, counters, config);
    room = std::make_unique<WaitingRoom>(
        loop, *entrance, limits, [this](loop::Descriptor connection, session::Arrival arrival, const Entrance::Pass&) {
          admitted.push_back(arrival.from_host);
          connections.push_back(std::move(connection));
        });
  }
  // Returns the client's end.
  loop::Descriptor comes(const std::string& host) {
    auto [client, server] = connected();
    room->take(std::move(server), {host, 1});
    return std::move(client);
  }
  void fill(const std::string& host) {
    for (int i = 0; i < config.max_startups_per_source; ++i) filled.push_back(comes(host));
    REQUIRE(admitted.size() == static_cast<std::size_t>(config.max_startups_per_source));
    admitted.clear();
  }
  void says(const loop::Descriptor& client, std::string_view text) {
    REQUIRE(::send(client.get(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  // What there is to read; ends with a dot when the connection has ended.
  std::string heard(const loop::Descriptor& client) {
    std::array<char, 256> some{};
    std::string all;
    for (;;) {
      const auto count = ::recv(client.get(), some.data(), some.size(), 0);
      if (count < 0) return all;
      if (count == 0) return all + ".";
      all.append(some.data(), static_cast<std::size_t>(count));
    }
  }

  loop::Loop loop;
  std::unique_ptr<store::Writer> writer = must(store::Writer::open(file));
  metrics::Counters counters;
  config::Config config;
  std::unique_ptr<Entrance> entrance;
  std::vector<std::string> admitted;
  std::vector<loop::Descriptor> connections;
  std::vector<loop::Descriptor> filled;
  std::unique_ptr<WaitingRoom> room;
};

constexpr WaitingRoom::Limits kFew{.all = 4, .per_source = 3, .tarpit = 2};

TEST_CASE("waiting room: who speaks goes in before those who came before and are silent") {
  WaitingWorld world(kFew);
  world.fill("192.0.2.7");
  const auto silent = world.comes("192.0.2.7");
  const auto speaks = world.comes("192.0.2.7");
  CHECK(world.room->waiting() == 2);
  CHECK(world.admitted.empty());
  world.says(speaks, "SSH-2.0-somebody\r\n");
  run_until(world.loop, [&] { return !world.admitted.empty(); });
  CHECK(world.room->waiting() == 1);
  std::array<char, 64> said{};
  const auto size = ::recv(world.connections.back().get(), said.data(), said.size(), 0);
  CHECK(std::string_view(said.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))) == "SSH-2.0-somebody\r\n");
  CHECK(world.counters.turned_away.count() == 0);
}

TEST_CASE("waiting room: a connection that goes in is read as any other, whether or not it has spoken") {
  const auto least_that_is_readable = [](const loop::Descriptor& connection) {
    int least = 0;
    socklen_t size = sizeof least;
    REQUIRE(::getsockopt(connection.get(), SOL_SOCKET, SO_RCVLOWAT, &least, &size) == 0);
    return least;
  };
  WaitingWorld world(kFew);
  world.fill("192.0.2.7");
  const auto silent = world.comes("192.0.2.7");
  const auto speaks = world.comes("192.0.2.7");
  world.says(speaks, "SSH-2.0-somebody\r\n");
  run_until(world.loop, [&] { return world.admitted.size() == 2; });
  for (const auto& connection : world.connections) CHECK(least_that_is_readable(connection) == 1);
}

TEST_CASE("waiting room: who is refused is told so, and only after a while") {
  WaitingWorld world(kFew);
  world.entrance->set_bans({{.network = "192.0.2.7"}});
  const auto client = world.comes("192.0.2.7");
  CHECK(world.counters.refused_banned.count() == 1);
  CHECK(world.heard(client).empty());
  CHECK(world.room->held() == 1);
  world.says(client, "SSH-2.0-somebody\r\n");
  std::string said;
  run_until(world.loop, [&] { return said.ends_with('.') || (said += world.heard(client)).ends_with('.'); });
  CHECK(said == std::string(kRefusal) + ".");
  CHECK(world.room->held() == 0);
}

TEST_CASE("waiting room: so many are held that were refused, and then the first of them goes") {
  WaitingWorld world(kFew);
  world.entrance->set_bans({{.network = "192.0.2.7"}});
  const auto first = world.comes("192.0.2.7");
  const auto second = world.comes("192.0.2.7");
  CHECK(world.heard(first).empty());
  const auto third = world.comes("192.0.2.7");
  CHECK(world.heard(first) == std::string(kRefusal) + ".");
  CHECK(world.heard(second).empty());
  CHECK(world.heard(third).empty());
  CHECK(world.room->held() == 2);
}

TEST_CASE("waiting room: of one source so many wait, and the silent ones of it go first") {
  WaitingWorld world(kFew);
  world.fill("192.0.2.7");
  std::vector<loop::Descriptor> clients;
  for (int i = 0; i < 5; ++i) clients.push_back(world.comes("192.0.2.7"));
  CHECK(world.room->waiting() == 3);
  CHECK(world.counters.refused_full_source.count() == 2);
  // Another source finds room: that of the source which has most.
  world.fill("192.0.2.8");
  clients.push_back(world.comes("192.0.2.8"));
  clients.push_back(world.comes("192.0.2.8"));
  CHECK(world.room->waiting() == 4);
  CHECK(world.counters.refused_full_source.count() == 3);
}

TEST_CASE("waiting room: who leaves, or speaks another language, waits no more") {
  WaitingWorld world(kFew);
  world.fill("192.0.2.7");
  {
    const auto leaves = world.comes("192.0.2.7");
    CHECK(world.room->waiting() == 1);
  }
  run_until(world.loop, [&] { return world.room->waiting() == 0; });
  CHECK(world.counters.turned_away.count() == 0);
  const auto other = world.comes("192.0.2.7");
  world.says(other, "GET / HTTP/1.1\r\n");
  run_until(world.loop, [&] { return world.room->waiting() == 0; });
  CHECK(world.counters.refused_full_source.count() == 1);
}

TEST_CASE("waiting room: who is silent is asked for once more, and goes then") {
  WaitingWorld world(kFew);
  world.fill("192.0.2.7");
  const auto silent = world.comes("192.0.2.7");
  // Those who fill it have been silent for longer.
  run_until(world.loop, [&] { return !world.admitted.empty(); });
  CHECK(world.room->waiting() == 0);
}

}  // namespace
}  // namespace bastion::server
