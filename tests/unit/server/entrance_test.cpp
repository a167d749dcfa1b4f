#include "bastion/server/entrance.h"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/loop/loop.h"
#include "store/bans.h"
#include "store/writer.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"

namespace bastion::server {
namespace {

using session::Offence;
using EntranceStep = Entrance::Step;
using Treatment = Strangers::Treatment;
using test::must;

// A bastion whose strangers come and go as the test says.
struct EntranceWorld : test::SmallWorld {
  Entrance::Answer asks(const std::string& host, EntranceStep step) {
    return entrance->enter({host, 1}, std::to_string(++last), step);
  }
  // Nothing: it is refused, or waits.
  std::optional<Entrance::Pass> comes(const std::string& host, EntranceStep step = EntranceStep::comes) {
    const auto answer = asks(host, step);
    const auto* const pass = std::get_if<Entrance::Pass>(&answer);
    return pass == nullptr ? std::nullopt : std::optional(*pass);
  }
  bool waits(const std::string& host, EntranceStep step = EntranceStep::comes) {
    return std::holds_alternative<Entrance::Wait>(asks(host, step));
  }
  // Comes, and goes again like that.
  void offends(const std::string& host, Offence offence, Reason reason = Reason::client_vanished) {
    REQUIRE(comes(host));
    entrance->settled({.arrival = {.id = std::to_string(last), .from_host = host, .from_port = 1},
                       .admitted = false,
                       .reason = reason,
                       .offence = offence});
  }
  void logs_in(const std::string& host) {
    REQUIRE(comes(host));
    entrance->settled({.arrival = {.id = std::to_string(last), .from_host = host, .from_port = 1}, .admitted = true});
  }
  void starts() { entrance = std::make_unique<Entrance>(loop, *writer, counters, config); }
  std::vector<store::Ban> written() {
    writer->close();
    return must(store::Bans(database).all(0));
  }

  loop::Loop loop;
  std::unique_ptr<store::Writer> writer = must(store::Writer::open(file));
  metrics::Counters counters;
  config::Config config;
  std::unique_ptr<Entrance> entrance = std::make_unique<Entrance>(loop, *writer, counters, config);
  int last = 0;
};

}  // namespace

TEST_CASE("entrance: a source that has come to penalties is refused, and no other one") {
  EntranceWorld world;
  world.offends("192.0.2.7", Offence::crash);
  CHECK_FALSE(world.comes("192.0.2.7"));
  CHECK(world.comes("192.0.2.8"));
  world.offends("2001:db8::7", Offence::crash);
  CHECK_FALSE(world.comes("2001:db8::1:2:3:4"));
  CHECK(world.comes("2001:db8:0:1::7"));
  CHECK(world.counters.refused_penalty.count() == 2);
  CHECK(world.counters.turned_away.count() == 2);
}

TEST_CASE("entrance: how many bits are a source is a setting") {
  EntranceWorld world;
  world.config.source_block = {.ipv4 = 24, .ipv6 = 128};
  world.entrance->apply(world.config);
  world.offends("192.0.2.7", Offence::crash);
  CHECK_FALSE(world.comes("192.0.2.8"));
  world.offends("2001:db8::7", Offence::crash);
  CHECK(world.comes("2001:db8::8"));
}

TEST_CASE("entrance: what is exempt has no penalties, but may be banned") {
  EntranceWorld world;
  world.config.exempt = {must(Network::parse("10.0.0.0/8"))};
  world.entrance->apply(world.config);
  world.offends("10.1.2.3", Offence::crash);
  CHECK(world.comes("10.1.2.3"));
  world.entrance->set_bans({{.network = "10.1.0.0/16"}});
  CHECK_FALSE(world.comes("10.1.2.3"));
  CHECK(world.counters.refused_banned.count() == 1);
  world.entrance->set_bans({});
  CHECK(world.comes("10.1.2.3"));
}

TEST_CASE("entrance: an address with a good login is not refused for a neighbour, but is suspect") {
  EntranceWorld world;
  world.logs_in("192.0.2.7");
  world.offends("192.0.2.7", Offence::authfail);
  CHECK(world.comes("192.0.2.7")->treatment == Treatment::usual);
  world.offends("192.0.2.7", Offence::crash);
  CHECK(world.waits("192.0.2.7"));
  for (const auto step : {EntranceStep::speaks, EntranceStep::has_waited}) {
    const auto pass = world.comes("192.0.2.7", step);
    REQUIRE(pass);
    CHECK(pass->treatment == Treatment::suspect);
  }
}

TEST_CASE("entrance: so many at once of a suspect address go in, and then they wait for their turn") {
  EntranceWorld world;
  world.logs_in("192.0.2.7");
  world.offends("192.0.2.7", Offence::crash);
  for (int i = 0; i < Entrance::kAtOnce; ++i) CHECK(world.comes("192.0.2.7", EntranceStep::speaks));
  CHECK(world.waits("192.0.2.7", EntranceStep::speaks));
  CHECK(world.comes("192.0.2.8", EntranceStep::comes));
  bool in = false;
  test::run_until(world.loop, [&] { return in = in || world.comes("192.0.2.7", EntranceStep::speaks); });
  CHECK(world.waits("192.0.2.7", EntranceStep::speaks));
}

TEST_CASE("entrance: however many of a suspect address have waited in silence, who speaks goes in before them") {
  EntranceWorld world;
  world.logs_in("192.0.2.7");
  world.offends("192.0.2.7", Offence::crash);
  for (int i = 0; i <= Entrance::kAtOnce; ++i) CHECK(world.comes("192.0.2.7", EntranceStep::has_waited));
  CHECK(world.comes("192.0.2.7", EntranceStep::speaks));
}

TEST_CASE("entrance: for whom there is no room waits, and is refused when that has been for long enough") {
  EntranceWorld world;
  world.config.max_startups_per_source = 1;
  world.entrance->apply(world.config);
  CHECK(world.comes("192.0.2.7"));
  CHECK(world.waits("192.0.2.7"));
  CHECK(world.waits("192.0.2.7", EntranceStep::speaks));
  CHECK(world.counters.turned_away.count() == 0);
  CHECK(std::holds_alternative<Entrance::Refused>(world.asks("192.0.2.7", EntranceStep::has_waited)));
  world.entrance->no_room({"192.0.2.7", 1});
  CHECK(world.counters.refused_full_source.count() == 2);
  CHECK(world.counters.turned_away.count() == 2);
}

TEST_CASE("entrance: those of a suspect address that were denied give way to whoever comes") {
  EntranceWorld world;
  world.config.max_startups_per_source = 3;
  world.entrance->apply(world.config);
  world.logs_in("192.0.2.7");
  world.offends("192.0.2.7", Offence::crash);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(world.comes("192.0.2.7", EntranceStep::speaks));
    world.entrance->progressed(std::to_string(world.last), Progress::denied);
  }
  const auto first = std::to_string(world.last - 2);
  const auto pass = world.comes("192.0.2.7", EntranceStep::speaks);
  REQUIRE(pass);
  REQUIRE(pass->makes_room);
  CHECK(pass->makes_room->id == first);
  CHECK(pass->makes_room->host == "192.0.2.7");
}

TEST_CASE("entrance: who is let go is counted by the reason why") {
  EntranceWorld world;
  world.offends("192.0.2.7", Offence::noauth, Reason::made_room);
  world.offends("192.0.2.7", Offence::noauth, Reason::no_version_line);
  CHECK(world.counters.made_room.count() == 1);
  CHECK(world.counters.no_version_line.count() == 1);
  CHECK(world.counters.too_many_rsa.count() == 0);
  world.offends("192.0.2.7", Offence::noauth, Reason::too_many_rsa_signatures);
  CHECK(world.counters.too_many_rsa.count() == 1);
  CHECK(world.counters.turned_away.count() == 0);
}

TEST_CASE("entrance: who is refused from now on has a row in the audit, unless the address is shared with others") {
  EntranceWorld world;
  world.offends("192.0.2.7", Offence::crash);
  world.offends("192.0.2.8", Offence::authfail);  // refuses nobody
  world.logs_in("192.0.2.9");
  world.offends("192.0.2.9", Offence::crash);
  world.writer->close();
  const auto rows = must(world.audit.latest(10));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].actor == "-");
  CHECK(rows[0].action == "refuse");
  CHECK(rows[0].subject == "192.0.2.7");
  CHECK(rows[0].outcome == "crash");
  CHECK(rows[0].from_host == "192.0.2.7");
  CHECK(rows[0].session == "1");
  CHECK(rows[0].detail == "seconds=90");
}

TEST_CASE("entrance: a flood from everywhere leaves a bounded number of rows") {
  EntranceWorld world;
  for (int i = 0; i < 250; ++i) world.offends("192.0.2." + std::to_string(i), Offence::crash);
  world.writer->close();
  CHECK(must(world.audit.latest(1000)).size() <= 2 * session::RowBudget::kRows);
}

TEST_CASE("entrance: penalties that refuse are written, and are there when it is started anew") {
  EntranceWorld world;
  world.offends("192.0.2.7", Offence::crash);
  world.offends("192.0.2.8", Offence::authfail);  // refuses nobody
  world.entrance->write();
  const auto bans = world.written();
  REQUIRE(bans.size() == 1);
  CHECK(bans[0].network == "192.0.2.7");
  CHECK(bans[0].origin == store::Ban::Origin::penalty);
  CHECK(bans[0].cause == "crash");
  REQUIRE(bans[0].expires_at);
  CHECK(*bans[0].expires_at > unix_now() + 80);

  world.starts();
  CHECK(world.comes("192.0.2.7"));
  world.starts();
  world.entrance->restore(bans, {});
  CHECK_FALSE(world.comes("192.0.2.7"));
  CHECK(world.comes("192.0.2.8"));
}

TEST_CASE("entrance: what is forgiven is let in, and goes from the database") {
  EntranceWorld world;
  must(store::Bans(world.database)
           .put({.network = "192.0.2.7",
                 .origin = store::Ban::Origin::penalty,
                 .cause = "crash",
                 .actor = {},
                 .since = unix_now(),
                 .expires_at = unix_now() + 600}));
  world.entrance->restore(must(store::Bans(world.database).all(unix_now())), {});
  CHECK_FALSE(world.comes("192.0.2.7"));
  world.entrance->forgive(must(Network::parse("192.0.2.0/24")));
  CHECK(world.comes("192.0.2.7"));
  world.entrance->write();
  CHECK(world.written().empty());
}

TEST_CASE("entrance: good logins of the last day are known when it is started anew") {
  EntranceWorld world;
  const auto penalty = store::Ban{.network = "192.0.2.7",
                                  .origin = store::Ban::Origin::penalty,
                                  .cause = "authfail",
                                  .actor = {},
                                  .since = unix_now(),
                                  .expires_at = unix_now() + 600};
  world.entrance->restore({penalty}, {{.host = "192.0.2.7", .at = unix_now() - 3600}});
  CHECK(world.comes("192.0.2.7", EntranceStep::speaks)->treatment == Treatment::suspect);
  world.starts();
  world.entrance->restore({penalty}, {{.host = "192.0.2.7", .at = unix_now() - 90'000}});
  CHECK_FALSE(world.comes("192.0.2.7"));
}

}  // namespace bastion::server
