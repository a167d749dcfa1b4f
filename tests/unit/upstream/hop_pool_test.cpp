#include "bastion/upstream/hop_pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/base/public_key.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/connection/local_channel.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/transport/keys.h"
#include "bastion/upstream/backend_hops.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/hop_connection.h"
#include "bastion/upstream/reachability.h"
#include "store/backends.h"
#include "store/host_keys.h"
#include "tests/support/loopback_sshd.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"
#include "tests/support/upstream_world.h"

namespace bastion::upstream {
namespace {

using test::host_key_of;
using test::must;
using test::run_until;

// A command that waits for whoever has started it.
test::LoopbackSshd::Ran goes_on(int /*connection*/, const std::string& /*command*/) {
  return {.out = {}, .err = {}, .status = std::nullopt, .goes_on = true};
}

// A worker's hops, and the sshd of a backend be1 that they lead to.
struct HopPoolWorld : test::UpstreamWorld {
  // Somebody who asks for a hop and may have to wait for it. Goes before the pool, as sessions do.
  struct Asker {
    Asker(loop::Loop& on, Task<BackendHops::Reached> asked) : loop(on), task(std::move(asked)) {
      // The loop is left at once: it is still the moment at which the answer came.
      task.start([this] {
        came = task.take();
        loop.stop();
      });
    }
    BackendHops::Reached& answer() {
      run_until(loop, [this] { return came.has_value(); });
      return *came;
    }

    loop::Loop& loop;
    std::optional<BackendHops::Reached> came;
    Task<BackendHops::Reached> task;
  };

  access::Hop hop_to(const std::string& name, const test::LoopbackSshd& at, const std::string& via = {}) {
    const auto added = backend_at(name, at, via);
    return {.backend = added.id, .name = added.name, .host = added.host, .port = added.port, .account = added.account};
  }
  std::unique_ptr<Asker> asks(const std::vector<access::Hop>& hops, Use use = Use::anything) {
    return std::make_unique<Asker>(loop, pool->reach(hops, use));
  }
  BackendHops::Reached reach(const std::vector<access::Hop>& hops, Use use = Use::anything) {
    return asks(hops, use)->answer();
  }
  // A channel to a container behind them, opened at once, as sessions do.
  std::unique_ptr<connection::LocalChannel> opens(const std::vector<access::Hop>& hops) {
    const auto open = [](HopPool& of, const std::vector<access::Hop>& way,
                         std::unique_ptr<connection::LocalChannel>& channel) -> Task<> {
      const auto reached = co_await of.reach(way, Use::anything);
      if (reached) channel = (*reached)->open({"10.0.3.100", 22}, Use::anything);
    };
    std::unique_ptr<connection::LocalChannel> channel;
    auto task = open(*pool, hops, channel);
    task.start([] {});
    run_until(loop, [&] { return task.done(); });
    REQUIRE(channel);
    return channel;
  }
  Task<std::expected<Through, NotThrough>> session() {
    return open_through(credentials, *pool, {be1}, Use::anything, session_for(Use::anything));
  }
  Opening to_container() {
    return {.type = ChannelType::direct_tcpip,
            .open = [](HopConnection& hop) { return hop.open({"10.0.3.100", 22}, Use::anything); }};
  }
  std::expected<Through, NotThrough> forwarded() {
    auto task = open_through(credentials, *pool, {be1}, Use::anything, to_container());
    task.start([] {});
    run_until(loop, [&] { return task.done(); });
    return task.take();
  }
  std::expected<Through, NotThrough> opened() {
    auto task = session();
    task.start([] {});
    run_until(loop, [&] { return task.done(); });
    return task.take();
  }
  // A command there, which goes on.
  std::unique_ptr<connection::LocalChannel> must_open_session() {
    auto through = opened();
    REQUIRE(through);
    return std::move(through->channel);
  }
  // The connection, which must be had.
  HopConnection& hop_of(const BackendHops::Reached& reached) {
    REQUIRE_MESSAGE(reached.has_value(), full_text_of(reached.error()));
    return **reached;
  }
  // Why there is none.
  End end_of(const BackendHops::Reached& reached) {
    REQUIRE_FALSE(reached.has_value());
    return reached.error();
  }
  // What is known of a backend's health; nothing when that takes a dial.
  std::optional<Reachability> known_at_once(const std::vector<access::Hop>& hops) {
    auto task = pool->measure(hops);
    task.start([] {});
    return task.done() ? std::optional(task.take()) : std::nullopt;
  }
  Reachability measured(const std::vector<access::Hop>& hops) {
    auto task = pool->measure(hops);
    task.start([] {});
    run_until(loop, [&] { return task.done(); });
    return task.take();
  }
  std::optional<PublicKey> recorded(const access::Hop& hop) {
    const auto found = host_key_of(host_keys, store::HostKeyOwner::of_backend(hop.backend));
    return found ? std::optional(must(transport::public_key_from_blob(found->blob))) : std::nullopt;
  }

  test::LoopbackSshd inner{loop};  // what is behind be1, where a test says so
  test::LoopbackSshd sshd{loop};
  access::Hop be1 = hop_to("be1", sshd);
};

}  // namespace

TEST_CASE("hop pool: logins through one backend share one connection to it") {
  HopPoolWorld world;
  const auto first = world.asks({world.be1});
  const auto second = world.asks({world.be1});
  auto& hop = world.hop_of(first->answer());
  CHECK(&world.hop_of(second->answer()) == &hop);
  CHECK(&world.hop_of(world.reach({world.be1})) == &hop);
  CHECK(world.sshd.connections() == 1);
  CHECK(world.sshd.logins() == 1);

  const auto web = hop.open({"10.0.3.100", 22}, Use::anything);
  const auto db = hop.open({"10.0.3.101", 22}, Use::anything);
  run_until(world.loop, [&] { return web->opened().is_set() && db->opened().is_set(); });
  CHECK(web->peer_number());
  CHECK(db->peer_number());
  CHECK(world.sshd.channels() == 2);
  CHECK(world.sshd.connections() == 1);
}

TEST_CASE("hop pool: terminals have a connection of their own, and share it") {
  HopPoolWorld world;
  auto& bulk = world.hop_of(world.reach({world.be1}));
  const auto copied = bulk.open({"10.0.3.100", 22}, Use::anything);
  auto& hop = world.hop_of(world.reach({world.be1}, Use::terminal));
  CHECK(&hop != &bulk);
  const auto typed = hop.open({"10.0.3.101", 22}, Use::terminal);
  CHECK(&world.hop_of(world.reach({world.be1}, Use::terminal)) == &hop);
  CHECK(&world.hop_of(world.reach({world.be1})) == &bulk);
  CHECK(world.sshd.connections() == 2);
}

TEST_CASE("hop pool: a hop behind another one runs through a channel of it") {
  HopPoolWorld world;
  const auto far = world.hop_to("far", world.inner, "be1");
  world.inner.stop_listening();  // it can be reached through be1 only
  world.sshd.behind = &world.inner;
  world.hop_of(world.reach({world.be1}));
  CHECK_FALSE(world.hop_of(world.reach({world.be1, far})).lost());
  CHECK(world.sshd.connections() == 1);
  CHECK(world.sshd.channels() == 1);
  CHECK(world.inner.logins() == 1);

  // The far end goes first, though it was dialled last.
  world.pool.reset();
  run_until(world.loop, [&] { return world.sshd.open_connections() == 0; });
  CHECK(world.inner.open_connections() == 0);
}

TEST_CASE("hop pool: whoever waits for the same dial gets the same answer") {
  HopPoolWorld world;
  world.sshd.stop_listening();
  const auto first = world.asks({world.be1});
  const auto second = world.asks({world.be1});
  const auto end = world.end_of(first->answer());
  CHECK(end.reason == Reason::backend_unreachable);
  CHECK(end.subject == "be1");
  CHECK(world.end_of(second->answer()).detail == end.detail);
}

TEST_CASE("hop pool: a backend that could not be reached is left alone until its backoff is over") {
  HopPoolWorld world;
  world.sshd.stop_listening();
  const auto end = world.end_of(world.reach({world.be1}));
  CHECK(sentence_of(end) == "backend be1 is unreachable");

  // Who asks for its health is told at once what the last dial came to, and so is who asks for what is behind it.
  world.sshd.listen();
  const auto known = world.known_at_once({world.be1});
  REQUIRE(known);
  CHECK(known->state == Reachability::State::unreachable);
  CHECK(known->why == full_text_of(end));
  const auto behind = world.known_at_once({world.be1, world.hop_to("far", world.sshd, "be1")});
  REQUIRE(behind);
  CHECK(behind->why == full_text_of(end));

  // Who needs it waits for the next dial: one for all. The shortest backoff is longer than `soon`.
  const auto first = world.asks({world.be1});
  const auto second = world.asks({world.be1});
  std::optional<int> connections;
  loop::Timer soon(world.loop, [&] { connections = world.sshd.connections(); });
  soon.start(std::chrono::milliseconds{100});
  world.hop_of(first->answer());
  world.hop_of(second->answer());
  CHECK(connections == 0);
  CHECK(world.sshd.connections() == 1);
}

TEST_CASE("hop pool: a backend that answers is reachable, and its last success is remembered") {
  HopPoolWorld world;
  CHECK_FALSE(world.pool->has({world.be1}));
  CHECK_FALSE(world.pool->last_success(world.be1.backend));
  const auto found = world.measured({world.be1});
  CHECK(found.state == Reachability::State::reachable);
  CHECK(found.backend == world.be1.backend);
  CHECK(world.pool->has({world.be1}));
  CHECK(world.pool->last_success(world.be1.backend) == found.last_success);

  // The connection goes on being the one that is used.
  CHECK(world.measured({world.be1}).state == Reachability::State::reachable);
  CHECK(world.sshd.connections() == 1);
}

TEST_CASE("hop pool: what a question is asked on is a hop that is there, whatever it is used for") {
  HopPoolWorld world;
  auto& hop = world.hop_of(world.reach({world.be1}, Use::terminal));
  const auto typed = hop.open({"10.0.3.100", 22}, Use::terminal);
  CHECK(world.measured({world.be1}).state == Reachability::State::reachable);
  CHECK(&world.hop_of(world.reach({world.be1}, Use::question)) == &hop);
  CHECK(world.sshd.connections() == 1);

  // And it says nothing of what the hop is for.
  HopPoolWorld other;
  auto& asked = other.hop_of(other.reach({other.be1}, Use::question));
  const auto question = asked.open({"10.0.3.100", 22}, Use::question);
  CHECK(&other.hop_of(other.reach({other.be1}, Use::terminal)) == &asked);
  const auto terminal = asked.open({"10.0.3.101", 22}, Use::terminal);
  CHECK(&other.hop_of(other.reach({other.be1}, Use::terminal)) == &asked);
  CHECK(asked.load().use == Use::terminal);
  CHECK(other.sshd.connections() == 1);
}

TEST_CASE("hop pool: a login takes the hop that is there when the dial for a better one takes its time") {
  HopPoolWorld world;
  auto& hop = world.hop_of(world.reach({world.be1}));
  const auto copied = hop.open({"10.0.3.100", 22}, Use::anything);
  run_until(world.loop, [&] { return copied->opened().is_set(); });
  world.sshd.fall_silent();
  world.credentials.within = std::chrono::hours{1};  // which nobody waits for
  const auto first = world.asks({world.be1}, Use::terminal);
  CHECK(&world.hop_of(first->answer()) == &hop);
  // The dial goes on meanwhile, and whoever comes now does not wait for it at all.
  CHECK(world.sshd.open_connections() == 2);
  const auto second = world.asks({world.be1}, Use::terminal);
  REQUIRE(second->came);
  CHECK(&world.hop_of(*second->came) == &hop);
}

TEST_CASE("hop pool: a backend that leaves a question unanswered and goes is unreachable") {
  HopPoolWorld world;
  world.hop_of(world.reach({world.be1}));
  world.sshd.fall_silent();
  auto task = world.pool->measure({world.be1});
  task.start([] {});
  world.sshd.hang_up();
  run_until(world.loop, [&] { return task.done(); });
  const auto found = task.take();
  CHECK(found.state == Reachability::State::unreachable);
  CHECK_FALSE(found.why.empty());
  CHECK_FALSE(found.last_success);
  CHECK_FALSE(world.pool->has({world.be1}));
}

TEST_CASE("hop pool: a hop that is lost is dialled anew") {
  HopPoolWorld world;
  auto& hop = world.hop_of(world.reach({world.be1}));
  const auto channel = hop.open({"10.0.3.100", 22}, Use::anything);  // keeps the object
  world.sshd.hang_up();
  run_until(world.loop, [&] { return hop.lost(); });
  CHECK(hop.lost_at() == "be1");
  CHECK_FALSE(world.pool->has({world.be1}));
  CHECK(&world.hop_of(world.reach({world.be1})) != &hop);
  CHECK(world.sshd.connections() == 2);
}

TEST_CASE("hop pool: a host key is learned on first contact, and another one is refused from then on") {
  HopPoolWorld world;
  CHECK_FALSE(world.recorded(world.be1));
  world.hop_of(world.reach({world.be1}));
  const auto first = world.sshd.host_key();
  CHECK(world.recorded(world.be1) == first);

  world.pool.emplace(world.credentials, world.settings);
  world.hop_of(world.reach({world.be1}));
  CHECK(world.sshd.logins() == 2);

  world.pool.emplace(world.credentials, world.settings);
  world.sshd.change_host_key();
  const auto end = world.end_of(world.reach({world.be1}));
  CHECK(end.reason == Reason::backend_key_changed);
  CHECK(end.subject == "be1");
  CHECK(end.detail == "expected " + transport::fingerprint(first.blob) + ", got " +
                          transport::fingerprint(world.sshd.host_key().blob));
  // Nothing was shown to whoever holds that key, and it opens nothing the next time either.
  CHECK(world.sshd.connections() == 3);
  CHECK(world.sshd.logins() == 2);
  CHECK(world.recorded(world.be1) == first);
  world.pool.emplace(world.credentials, world.settings);
  CHECK(world.end_of(world.reach({world.be1})).reason == Reason::backend_key_changed);

  // Until it is one of those that are known.
  const auto owner = store::HostKeyOwner::of_backend(world.be1.backend);
  must(world.host_keys.pin_too(owner, world.sshd.host_key().blob, 1));
  world.pool.emplace(world.credentials, world.settings);
  world.hop_of(world.reach({world.be1}));
  CHECK(world.sshd.logins() == 3);
}

TEST_CASE("hop pool: a host key that was refused is remembered for whoever has to judge it") {
  HopPoolWorld world;
  world.hop_of(world.reach({world.be1}));
  world.pool.emplace(world.credentials, world.settings);
  world.sshd.change_host_key();
  CHECK(world.end_of(world.reach({world.be1})).reason == Reason::backend_key_changed);
  world.writer->close();
  const auto refused = must(world.host_keys.refused(store::HostKeyOwner::of_backend(world.be1.backend)));
  REQUIRE(refused);
  CHECK(refused->blob == world.sshd.host_key().blob);
}

TEST_CASE("hop pool: a backend lets in who holds the bastion's key, or refuses that") {
  HopPoolWorld world;
  world.sshd.accepts = test::some_key().public_key();
  const auto end = world.end_of(world.reach({world.be1}));
  CHECK(end.reason == Reason::backend_refused_identity);
  CHECK(sentence_of(end) == "backend be1 rejects the bastion's key; tell your administrator");
  CHECK(end.detail == "as hop");
  CHECK(world.sshd.logins() == 0);

  world.sshd.accepts = world.identity.keys.front().public_key();
  world.hop_of(world.reach({world.be1}));
  CHECK(world.sshd.logins() == 1);
}

TEST_CASE("hop pool: a hop is given up when nobody has needed it for long enough, and not before") {
  HopPoolWorld world;
  world.settings.idle_timeout = std::chrono::seconds{0};
  world.pool.emplace(world.credentials, world.settings);
  auto channel = world.opens({world.be1});

  // The pool has looked at its hops, because it has noted that this one answers; and somebody holds a channel of it.
  run_until(world.loop, [&] { return world.pool->last_success(world.be1.backend).has_value(); });
  CHECK(world.pool->has({world.be1}));
  CHECK(world.sshd.open_connections() == 1);

  channel.reset();
  run_until(world.loop, [&] { return world.sshd.open_connections() == 0; });
  CHECK_FALSE(world.pool->has({world.be1}));
  world.hop_of(world.reach({world.be1}));
  CHECK(world.sshd.connections() == 2);
}

TEST_CASE("hop pool: it can go in the middle of a dial, and leaves nothing behind") {
  struct Moment {
    std::string what;
    std::function<bool(HopPoolWorld&)> has_come;
  };
  const std::vector<Moment> moments{
      {"the dial is due", [](auto&) { return true; }},
      {"the connection is there", [](auto& world) { return world.sshd.connections() == 1; }},
      {"the host key is learned", [](auto& world) { return world.recorded(world.be1).has_value(); }},
      {"the login is asked for", [](auto& world) { return world.sshd.logins_asked() == 1; }},
  };
  for (const auto& moment : moments) {
    CAPTURE(moment.what);
    HopPoolWorld world;
    world.sshd.fall_silent();
    auto asker = world.asks({world.be1});
    run_until(world.loop, [&] { return moment.has_come(world); });
    CHECK_FALSE(asker->came);
    asker.reset();  // sessions go before the pool
    world.pool.reset();
    const auto connections = world.sshd.connections();
    world.sshd.speak_again();
    // What was on its way to somebody who is gone comes meanwhile.
    int looks = 0;
    run_until(world.loop, [&] { return ++looks > 10 && world.sshd.open_connections() == 0; });
    CHECK(world.sshd.connections() == connections);
  }
}

TEST_CASE("hop pool: as many sessions as a backend opens on one connection, and the next on another one") {
  HopPoolWorld world;
  world.sshd.runs = goes_on;
  world.sshd.most_sessions = 3;
  std::vector<std::unique_ptr<connection::LocalChannel>> sessions;
  for (int i = 0; i < 6; ++i) sessions.push_back(world.must_open_session());
  CHECK(world.sshd.connections() == 2);
  // What is forwarded is not counted there, and goes through any.
  auto& first = world.hop_of(world.reach({world.be1}));
  const auto web = first.open({"10.0.3.100", 22}, Use::anything);
  run_until(world.loop, [&] { return web->opened().is_set(); });
  CHECK_FALSE(first.takes(ChannelType::session));
  // Who leaves makes room.
  sessions.front().reset();
  const auto answered = first.measure();
  run_until(world.loop, [&] { return answered->is_set(); });
  CHECK(first.takes(ChannelType::session));
  sessions.push_back(world.must_open_session());
  CHECK(world.sshd.connections() == 2);
  sessions.push_back(world.must_open_session());
  CHECK(world.sshd.connections() == 3);
}

TEST_CASE("hop pool: many who ask for a session at once all get one") {
  HopPoolWorld world;
  world.sshd.runs = goes_on;
  world.sshd.most_sessions = 10;
  std::vector<Task<std::expected<Through, NotThrough>>> asked;
  for (int i = 0; i < 35; ++i) asked.push_back(world.session());
  for (auto& one : asked) one.start([] {});
  run_until(world.loop, [&] { return std::ranges::all_of(asked, [](const auto& one) { return one.done(); }); });
  std::vector<Through> opened;
  for (auto& one : asked) {
    auto through = one.take();
    REQUIRE(through);
    opened.push_back(*std::move(through));
  }
  CHECK(world.sshd.connections() == 4);
}

TEST_CASE("hop pool: a backend that has no session left on any connection is said to have none") {
  HopPoolWorld world;
  world.sshd.runs = goes_on;
  world.sshd.most_sessions = 1;
  std::vector<std::unique_ptr<connection::LocalChannel>> sessions;
  for (std::size_t i = 0; i < kMostHopsForSessions; ++i) sessions.push_back(world.must_open_session());
  const auto refused = world.opened();
  REQUIRE_FALSE(refused);
  REQUIRE(refused.error().end);
  CHECK(refused.error().end->reason == Reason::backend_exhausted);
  CHECK(refused.error().end->detail.find("MaxSessions") != std::string::npos);
  CHECK(world.sshd.connections() == static_cast<int>(kMostHopsForSessions));
}

TEST_CASE("hop pool: where a command has failed, the next one gets a connection that begins with the rights of now") {
  HopPoolWorld world;
  world.sshd.runs = goes_on;
  const auto session = world.must_open_session();
  auto& first = world.hop_of(world.reach({world.be1}));
  first.failed_by_rights(ChannelType::session, world.loop.now());
  CHECK_FALSE(first.is_outdated());  // it has only just begun
  first.failed_by_rights(ChannelType::session, world.loop.now() + HopConnection::kYoung);
  CHECK(first.is_outdated());
  const auto next = world.must_open_session();
  CHECK(world.sshd.connections() == 2);
  // What needs no command goes where it went.
  CHECK(&world.hop_of(world.reach({world.be1})) == &first);
}

TEST_CASE("hop pool: however often commands fail, there is a bound to what is dialled for them") {
  HopPoolWorld world;
  world.sshd.runs = goes_on;
  std::vector<std::unique_ptr<connection::LocalChannel>> sessions;
  for (int i = 0; i < 10; ++i) {
    auto through = world.opened();
    REQUIRE(through);
    through->hop->failed_by_rights(ChannelType::session, world.loop.now() + HopConnection::kLongestYoung);
    sessions.push_back(std::move(through->channel));
  }
  CHECK(world.sshd.connections() == static_cast<int>(kMostHops));
}

TEST_CASE("hop pool: what a connection has forbidden goes through one that begins with the rights of now") {
  HopPoolWorld world;
  auto through = world.forwarded();
  REQUIRE(through);
  auto& first = *through->hop;
  first.failed_by_rights(ChannelType::direct_tcpip, world.loop.now());
  CHECK_FALSE(first.is_outdated());  // it has only just begun
  first.failed_by_rights(ChannelType::direct_tcpip, world.loop.now() + HopConnection::kYoung);
  CHECK(first.is_outdated(ChannelType::direct_tcpip));
  CHECK_FALSE(first.is_outdated(ChannelType::session));
  CHECK(world.pool->has({world.be1}));
  const auto next = world.forwarded();
  REQUIRE(next);
  CHECK(next->hop != &first);
  CHECK(world.sshd.connections() == 2);
  CHECK(world.sshd.open_connections() == 2);
}

TEST_CASE("hop pool: for what is forbidden again and again a backend is dialled ever less often") {
  HopPoolWorld world;
  std::vector<std::unique_ptr<connection::LocalChannel>> channels;
  auto age = HopConnection::kYoung;
  for (std::size_t i = 0; i < kMostHops; ++i, age *= 2) {
    CAPTURE(i);
    auto through = world.forwarded();
    REQUIRE(through);
    CHECK(world.sshd.connections() == static_cast<int>(i + 1));
    auto& hop = *through->hop;
    hop.failed_by_rights(ChannelType::direct_tcpip, world.loop.now() + age / 2);
    CHECK_FALSE(hop.is_outdated());
    hop.failed_by_rights(ChannelType::direct_tcpip, world.loop.now() + age);
    CHECK(hop.is_outdated());
    channels.push_back(std::move(through->channel));
  }
}

TEST_CASE("hop pool: what was forbidden long ago is asked for again, however often it was") {
  HopPoolWorld world;
  auto through = world.forwarded();
  REQUIRE(through);
  auto& first = *through->hop;
  auto& second = world.hop_of(world.reach({world.be1}, Use::terminal));
  REQUIRE(&first != &second);
  for (int i = 0; i < 20; ++i) {
    first.come_after(second);
    second.come_after(first);
  }
  first.failed_by_rights(ChannelType::session, world.loop.now() + HopConnection::kLongestYoung);
  CHECK(first.is_outdated());
}

TEST_CASE("hop pool: a connection with the rights of a while ago is better than none") {
  HopPoolWorld world;
  auto through = world.forwarded();
  REQUIRE(through);
  through->hop->failed_by_rights(ChannelType::direct_tcpip, world.loop.now() + HopConnection::kYoung);
  world.sshd.stop_listening();
  for (int i = 0; i < 2; ++i) {
    const auto next = world.forwarded();
    REQUIRE(next);
    CHECK(next->hop == through->hop);
  }
}

TEST_CASE("hop pool: what a new connection forbids is forbidden") {
  HopPoolWorld world;
  world.sshd.opens = false;
  world.sshd.refusal = connection::OpenFailureCode::administratively_prohibited;
  const auto refused = world.forwarded();
  REQUIRE_FALSE(refused);
  CHECK_FALSE(refused.error().end);
  CHECK(refused.error().code == connection::OpenFailureCode::administratively_prohibited);
  CHECK(world.sshd.connections() == 1);
}

TEST_CASE("hop pool: a backend that opens no session at all is asked once") {
  HopPoolWorld world;
  world.sshd.runs = goes_on;
  world.sshd.most_sessions = 0;
  const auto refused = world.opened();
  REQUIRE_FALSE(refused);
  CHECK_FALSE(refused.error().end);
  CHECK(refused.error().code == connection::OpenFailureCode::connect_failed);
  CHECK(world.sshd.connections() == 1);
}

}  // namespace bastion::upstream
