#include "bastion/admin/peer_messages.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bastion::admin {
namespace {

template <typename Kind>
Kind peer_question_again(const Kind& question) {
  const auto read = peer_question_in(line_of(PeerQuestion(question)));
  REQUIRE(read.has_value());
  REQUIRE(std::holds_alternative<Kind>(*read));
  return std::get<Kind>(*read);
}

}  // namespace

TEST_CASE("peer messages: every question comes back") {
  peer_question_again(PeerSessions{});
  const End killed{.reason = Reason::killed, .subject = "be1", .detail = "by root", .said = "bye"};
  const auto end = peer_question_again(PeerEnd{.sessions = {"a", "b"}, .end = killed});
  CHECK(end.sessions == std::vector<std::string>{"a", "b"});
  CHECK(end.end.reason == Reason::killed);
  CHECK(end.end.subject == "be1");
  CHECK(end.end.detail == "by root");
  CHECK(end.end.said == "bye");
  const access::ContainerPlace place{
      .container = 7, .backend = 3, .address = "10.0.3.100", .port = 2200, .command = "incus exec \"web\""};
  CHECK(peer_question_again(PeerVacate{.place = place, .end = killed}).place == place);
  CHECK_FALSE(peer_question_again(PeerBans{}).lifted.has_value());
  const auto network = Network::parse("192.0.2.0/24");
  REQUIRE(network.has_value());
  CHECK(peer_question_again(PeerBans{.lifted = *network}).lifted == *network);
  peer_question_again(PeerFiguresQuestion{});
  const auto last = peer_question_again(PeerLastFigures{.id = "g1", .samples = {{R"(a_total{b="c"})", 0.5}}});
  CHECK(last.id == "g1");
  CHECK(last.samples == PeerSamples{{R"(a_total{b="c"})", 0.5}});
}

TEST_CASE("peer messages: figures come back, and what is none is none") {
  const PeerFigures figures{
      .id = "g2", .samples = {{R"(a_total{b="c"})", 9007199254740991}, {"d", 0.25}}, .others = {{"g1", {{"d", 2}}}}};
  const auto read = figures_in(line_of(figures));
  REQUIRE(read.has_value());
  CHECK(read->id == figures.id);
  CHECK(read->samples == figures.samples);
  CHECK(read->others == figures.others);
  for (const auto* line : {"", "{}", R"({"sessions": []})", R"({"samples": {"a": "b"}, "others": {}})"}) {
    CHECK_FALSE(figures_in(line).has_value());
  }
}

TEST_CASE("peer messages: sessions come back with everything that is said of them") {
  const session::LiveSession one{.id = "k3v9",
                                 .user = "alice",
                                 .from_host = "192.0.2.7",
                                 .key_fingerprint = "SHA256:x",
                                 .container = "alice/web",
                                 .route = {"be1", "be2"},
                                 .tunnels = {"10.0.3.1:22"},
                                 .since = 1'700'000'000,
                                 .idle = std::chrono::seconds{9},
                                 .bytes_from_user = 11,
                                 .bytes_from_container = 12,
                                 .channels = 2,
                                 .recorded = true};
  const auto read = sessions_in(line_of(std::vector{one}));
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 1);
  const auto& again = read->front();
  CHECK(again.id == one.id);
  CHECK(again.user == one.user);
  CHECK(again.from_host == one.from_host);
  CHECK(again.key_fingerprint == one.key_fingerprint);
  CHECK(again.container == one.container);
  CHECK(again.route == one.route);
  CHECK(again.tunnels == one.tunnels);
  CHECK(again.since == one.since);
  CHECK(again.idle == one.idle);
  CHECK(again.bytes_from_user == one.bytes_from_user);
  CHECK(again.bytes_from_container == one.bytes_from_container);
  CHECK(again.channels == one.channels);
  CHECK(again.recorded == one.recorded);
}

TEST_CASE("peer messages: another release may say more, and less") {
  const auto read = sessions_in(R"({"sessions": [{"id": "k3v9", "colour": "blue"}], "more": 1})");
  REQUIRE(read.has_value());
  CHECK(read->front().id == "k3v9");
  CHECK(read->front().user.empty());
  const auto end = peer_question_in(R"({"ask": "end", "sessions": ["a"], "end": {"reason": "of a later release"}})");
  REQUIRE(end.has_value());
  CHECK(std::get<PeerEnd>(*end).end.reason == Reason::internal);
}

TEST_CASE("peer messages: what is none is nothing") {
  for (const auto* line : {"", "{", "[]", "7", R"({"ask": 7})", R"({"ask": "dance"})", R"({"ask": "end"})",
                           R"({"ask": "end", "sessions": "a", "end": {}})", R"({"ask": "bans", "lifted": "here"})",
                           R"({"ask": "vacate", "container": "x"})", R"({"ask": "last figures", "id": "g"})"}) {
    CAPTURE(line);
    CHECK_FALSE(peer_question_in(line).has_value());
    CHECK_FALSE(sessions_in(line).has_value());
  }
}

}  // namespace bastion::admin
