#include "bastion/server/acceptor.h"

#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"

namespace bastion::server {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kHeader = 6;

// A header of six bytes that names a host: `@alice`; it is taken away. What does not begin with an @ is dropped.
struct NamedHost final : AcceptStage {
  Verdict look(const Endpoint& /*peer*/, Bytes first) override {
    if (!first.empty() && first.front() != '@') return Drop{"no header"};
    if (first.size() < kHeader) return Wait{first.empty() ? 1 : kHeader};
    return Pass{.from = {std::string(text_of(first.subspan(1, kHeader - 1))), 7}, .bytes = kHeader};
  }
};

struct World {
  explicit World(AcceptStage* stage, const Acceptor::Limits& limits = {})
      : acceptor(loop, stage, limits,
                 {.on_accepted =
                      [this](loop::Descriptor connection, const AcceptStage::Pass& pass) {
                        hosts.push_back(pass.from.host);
                        accepted.push_back(std::move(connection));
                        loop.stop();
                      },
                  .on_dropped = [this](const Endpoint& /*peer*/) { ++dropped; }}) {}

  // A connection from 10.0.0.9; returns the client's end of it.
  loop::Descriptor connects() {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const loop::Descriptor listener(::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    loop::Descriptor client(::socket(AF_INET, SOCK_STREAM, 0));
    REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    acceptor.take(loop::Descriptor(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK)), {"10.0.0.9", 1});
    return client;
  }
  // Until something is accepted, or nothing waits any more.
  void run() {
    loop::Timer look(loop, [this] {
      if (acceptor.waiting() == 0) loop.stop();
    });
    look.repeat(milliseconds{1});
    loop.run();
  }
  std::string rest() {
    std::array<char, 64> some{};
    const auto count = ::recv(accepted.at(0).get(), some.data(), some.size(), 0);
    return {some.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
  }

  loop::Loop loop;
  std::vector<std::string> hosts;
  std::vector<loop::Descriptor> accepted;
  int dropped = 0;
  Acceptor acceptor;
};

void say(const loop::Descriptor& client, std::string_view text) {
  REQUIRE(::send(client.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
}

}  // namespace

TEST_CASE("acceptor: without a stage a connection goes on as it is") {
  World world(nullptr);
  const auto client = world.connects();
  CHECK(world.hosts == std::vector<std::string>{"10.0.0.9"});
  CHECK(world.acceptor.waiting() == 0);
}

TEST_CASE("acceptor: a stage says where a connection is from, and takes its own bytes") {
  NamedHost stage;
  World world(&stage);
  const auto client = world.connects();
  CHECK(world.acceptor.waiting() == 1);
  say(client, "@aliceSSH-2.0-x");
  world.run();
  CHECK(world.hosts == std::vector<std::string>{"alice"});
  CHECK(world.rest() == "SSH-2.0-x");
}

TEST_CASE("acceptor: what comes in pieces is waited for") {
  NamedHost stage;
  World world(&stage);
  const auto client = world.connects();
  say(client, "@al");
  loop::Timer more(world.loop, [&] { say(client, "ice"); });
  more.start(milliseconds{5});
  world.run();
  CHECK(world.hosts == std::vector<std::string>{"alice"});
  CHECK(world.rest().empty());
}

TEST_CASE("acceptor: who says something else, or ends before, is dropped") {
  NamedHost stage;
  World world(&stage);
  const auto other = world.connects();
  say(other, "SSH-2.0-x");
  auto gone = world.connects();
  say(gone, "@al");
  ::shutdown(gone.get(), SHUT_WR);
  world.run();
  CHECK(world.hosts.empty());
  CHECK(world.acceptor.waiting() == 0);
  CHECK(world.dropped == 1);  // who has left was not turned away
}

TEST_CASE("acceptor: only so many are waited for") {
  NamedHost stage;
  World world(&stage, {.waiting = 2});
  const auto first = world.connects();
  const auto second = world.connects();
  const auto late = world.connects();
  CHECK(world.acceptor.waiting() == 2);
  CHECK(world.dropped == 1);
  say(late, "@latex");
  say(second, "@alice");
  world.run();
  CHECK(world.hosts == std::vector<std::string>{"alice"});
}

TEST_CASE("acceptor: who says nothing is not waited for longer than that") {
  NamedHost stage;
  World world(&stage, {.timeout = milliseconds{1}});
  const auto client = world.connects();
  CHECK(world.acceptor.waiting() == 1);
  world.run();
  CHECK(world.acceptor.waiting() == 0);
  CHECK(world.hosts.empty());
  CHECK(world.dropped == 1);
}

}  // namespace bastion::server
