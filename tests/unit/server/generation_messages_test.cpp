#include "bastion/server/generation_messages.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bastion::server {

TEST_CASE("generation messages: each comes back, with its text") {
  for (const auto kind :
       {Order::listener, Order::activated, Order::begin, Order::reload, Order::peers, Order::retire}) {
    const auto message = encode(kind, "some text");
    const auto order = parse_order(message);
    REQUIRE(order.has_value());
    CHECK(order->kind == kind);
    CHECK(order->text == "some text");
    CHECK_FALSE(parse_report(message).has_value());
  }
  for (const auto kind : {Report::listener, Report::ready, Report::failed, Report::reloaded, Report::handover_wanted,
                          Report::closed, Report::turns, Report::stands_still}) {
    const auto message = encode(kind);
    const auto report = parse_report(message);
    REQUIRE(report.has_value());
    CHECK(report->kind == kind);
    CHECK(report->text.empty());
    CHECK_FALSE(parse_order(message).has_value());
  }
}

TEST_CASE("generation messages: what another release says and this one does not know is nothing") {
  CHECK_FALSE(parse_order({}).has_value());
  CHECK_FALSE(parse_report({}).has_value());
  CHECK_FALSE(parse_order(encode(static_cast<Order>('?'))).has_value());
  CHECK_FALSE(parse_report(encode(static_cast<Report>('?'))).has_value());
}

TEST_CASE("generation messages: who is ready says what it is called and for how long it stays") {
  const auto ready = parse_ready(
      format_ready(Ready{.id = "k3v9", .handover_limit = std::chrono::hours{12}, .level = log::Level::warning}));
  REQUIRE(ready.has_value());
  CHECK(ready->id == "k3v9");
  CHECK(ready->handover_limit == std::chrono::hours{12});
  CHECK(ready->level == log::Level::warning);
  CHECK_FALSE(ready->says_it_turns);
  CHECK(parse_ready(format_ready(Ready{.id = "k3v9", .says_it_turns = true}))->says_it_turns);
  CHECK(parse_ready("k3v9 60 1 and what a later release adds").has_value());
}

TEST_CASE("generation messages: a hostile ready is none") {
  for (const auto* text : {"", "k3v9", "k3v9 60", "../../etc 60 1", "k3v9 -1 1", "k3v9 99999999999 1", "k3v9 60 9",
                           "k3v9 60x 1", "K3V9 60 1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_ready(text).has_value());
  }
}

TEST_CASE("generation messages: what is carried comes back, and a hostile one is none") {
  const auto carried = parse_carried(format_carried({.sessions = 12, .strangers = 3}));
  REQUIRE(carried.has_value());
  CHECK(carried->sessions == 12);
  CHECK(carried->strangers == 3);
  for (const auto* text : {"", "1", "-1 0", "1 4294967296", "1 x", "x 1"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_carried(text).has_value());
  }
}

TEST_CASE("generation messages: peers are ids, and nothing else becomes part of a path") {
  const std::vector<std::string> ids{"k3v9", "w2b4"};
  CHECK(parse_peers(text_of_peers(ids)) == ids);
  CHECK(parse_peers("").empty());
  CHECK(parse_peers("k3v9\n../x\n\nw2b4") == ids);
}

}  // namespace bastion::server
