// Two looks at a bastion in, one overview out.
#include "bastion/admin/grammar/overview.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/admin/peer_messages.h"

namespace bastion::admin {
namespace {

using State = upstream::BackendView::State;

session::LiveSession live_session(const std::string& id, const std::string& user, std::uint64_t up,
                                  std::uint64_t down) {
  return {.id = id,
          .user = user,
          .from_host = "10.1.0.2",
          .key_fingerprint = {},
          .container = user + "/web",
          .route = {"be1"},
          .tunnels = {},
          .since = 1'000,
          .idle = std::chrono::seconds(3),
          .bytes_from_user = up,
          .bytes_from_container = down,
          .channels = 1};
}

Activity activity(std::string bastion, std::int64_t at_ms) {
  return {.bastion = bastion,
          .process = bastion + "-1",
          .version = "1.2.3",
          .began = 500,
          .at_ms = at_ms,
          .sessions = {},
          .backends = {},
          .refusals = {},
          .strangers = {{"accepted", 3}, {"refused_banned", 0}},
          .loops = {{.name = "worker 0", .lag = std::chrono::microseconds(100), .sessions = 1}}};
}

const std::vector<PlacedBackend> kBackends{{.id = 1, .name = "be1", .via = {}, .containers = 7},
                                           {.id = 2, .name = "be2", .via = {"be1"}, .containers = 0}};

// Of a second and a half, in which alice has had 1500 bytes.
Overview usual_overview() {
  auto before = activity("one", 2'000'000);
  before.sessions = {live_session("a", "alice", 100, 1'000)};
  before.bytes_from_users = 100;
  before.bytes_from_containers = 1'000;
  auto now = activity("one", 2'001'500);
  now.sessions = {live_session("a", "alice", 100, 2'500), live_session("b", "bob", 30, 0)};
  now.bytes_from_users = 130;
  now.bytes_from_containers = 2'500;
  now.backends = {{.backend = 1, .hops = 2, .usable = 2, .latency = std::chrono::microseconds(1'249)},
                  {.backend = 2, .failed_at = 10}};
  now.refusals = {{.at = 1'999,
                   .from = "10.1.0.9",
                   .user = "bob",
                   .reason = "no_container",
                   .sentence = "you have no container yet",
                   .id = "c"}};
  return overview_of({.parts = {before}, .missing = {}}, {.parts = {now}, .missing = {}}, kBackends);
}

}  // namespace

TEST_CASE("overview: bytes a second are those between two looks") {
  const auto overview = usual_overview();
  CHECK(overview.for_seconds == doctest::Approx(1.5));
  CHECK(overview.rate_from_users == doctest::Approx(20));
  CHECK(overview.rate_from_containers == doctest::Approx(1'000));
  REQUIRE(overview.sessions.size() == 2);
  CHECK(overview.sessions[0].rate_from_container == doctest::Approx(1'000));
  CHECK(overview.sessions[0].rate_from_user == 0);
  CHECK(overview.sessions[1].rate_from_user == doctest::Approx(20));  // it has begun since
  CHECK(overview.sessions[0].live.node == "one");
}

TEST_CASE("overview: who was not there before, or counts anew, has no rate") {
  auto now = activity("one", 9'000);
  now.bytes_from_users = 1'000'000;
  auto before = activity("one", 8'000);
  before.bytes_from_users = 2'000'000;
  CHECK(overview_of({}, {.parts = {now}, .missing = {}}, {}).rate_from_users == 0);
  CHECK(overview_of({.parts = {before}, .missing = {}}, {.parts = {now}, .missing = {}}, {}).rate_from_users == 0);
}

TEST_CASE("overview: a backend is what its hops show, of all bastions together") {
  const auto overview = usual_overview();
  REQUIRE(overview.backends.size() == 2);
  CHECK(overview.backends[0].state == State::up);
  CHECK(overview.backends[0].latency_ms == 1.2);
  CHECK(overview.backends[0].sessions == 2);
  CHECK(overview.backends[0].containers == 7);
  CHECK(overview.backends[1].state == State::down);
  CHECK(overview.backends[1].via == std::vector<std::string>{"be1"});

  struct Row {
    upstream::BackendView one, other;
    State state;
  };
  for (const auto& [one, other, state] :
       {Row{{.hops = 1}, {}, State::suspect}, Row{{.hops = 1}, {.hops = 1, .usable = 1}, State::up},
        Row{{.failed_at = 5}, {.answered_at = 9}, State::idle}, Row{{.failed_at = 9}, {.answered_at = 5}, State::down},
        Row{{}, {}, State::unknown}, Row{{.answered_at = 5, .is_direct = true}, {}, State::up},
        Row{{.failed_at = 5, .is_direct = true}, {}, State::down},
        Row{{.failed_at = 5, .is_direct = true}, {.answered_at = 3, .is_direct = true}, State::suspect},
        Row{{.failed_at = 3, .is_direct = true}, {.answered_at = 5, .is_direct = true}, State::up}}) {
    auto view = one;
    view.add(other);
    CHECK(view.state() == state);
  }
}

TEST_CASE("overview: all bastions of a fleet are one, and those that are missing are named") {
  auto one = activity("one", 1'000);
  auto two = activity("two", 1'000);
  for (int i = 0; i < 40; ++i) {
    one.refusals.push_back({.at = 100 - i, .from = "192.0.2.1", .user = {}, .reason = "r", .sentence = {}, .id = {}});
    two.refusals.push_back({.at = 90 - i, .from = "192.0.2.2", .user = {}, .reason = "r", .sentence = {}, .id = {}});
  }
  two.missing = "worker 1 does not answer: what is there is missing";
  const auto overview = overview_of({}, {.parts = {one, two}, .missing = "three has not answered"}, {});
  CHECK(overview.bastion == "one");
  CHECK(overview.bastions == 2);
  CHECK(overview.strangers.front() == std::pair<std::string, std::uint64_t>("accepted", 6));
  CHECK(overview.loops.size() == 2);
  CHECK(overview.missing == "three has not answered; two: worker 1 does not answer: what is there is missing");
  REQUIRE(overview.refusals.size() == session::kMostRefusals);
  for (std::size_t i = 1; i < overview.refusals.size(); ++i) {
    CHECK(overview.refusals[i - 1].refusal.at >= overview.refusals[i].refusal.at);
  }
}

TEST_CASE("overview: the document has what it is asked for, and says all of it again") {
  const auto overview = usual_overview();
  const auto document = cell_of(overview);
  CHECK(document["at"] == "1970-01-01T00:33:21Z");
  CHECK(document["sessions"][0]["from_container"] == 2'500);
  CHECK(document["sessions"][0]["rate_from_container"] == 1'000.0);
  CHECK(document["backends"][1]["state"] == "down");
  CHECK(document["backends"][1]["latency_ms"].is_null());
  CHECK(document["refusals"][0]["user"] == "bob");
  CHECK(document["strangers"]["accepted"] == 3);
  CHECK(document["loops"][0]["lag_ms"] == 0.1);
  const auto again = overview_in(document.dump());
  REQUIRE(again.has_value());
  CHECK(*again == overview);
  for (const auto* const text : {"", "{", "[]", "{}", R"({"at":1})", "null"})
    CHECK_FALSE(overview_in(text).has_value());
}

TEST_CASE("overview: what another process or bastion says comes over whole") {
  auto one = activity("one", 2'000);
  one.sessions = {live_session("a", "alice", 1, 2)};
  one.backends = {{.backend = 1,
                   .hops = 2,
                   .usable = 1,
                   .latency = std::chrono::microseconds(5),
                   .answered_at = 3,
                   .failed_at = std::nullopt}};
  one.refusals = {{.at = 1, .from = "a", .user = "b", .key = "f", .reason = "c", .sentence = "d", .id = "e"}};
  one.bytes_from_users = 9;
  one.bytes_from_containers = 10;
  one.missing = "worker 1 does not answer";
  const auto read = activities_in(line_of(std::vector{one}));
  REQUIRE(read.has_value());
  REQUIRE(read->size() == 1);
  const auto& other = read->front();
  CHECK(other.bastion == one.bastion);
  CHECK(other.process == one.process);
  CHECK(other.version == one.version);
  CHECK(other.began == one.began);
  CHECK(other.at_ms == one.at_ms);
  CHECK(other.sessions == one.sessions);
  CHECK(other.backends == one.backends);
  CHECK(other.bytes_from_users == 9);
  CHECK(other.bytes_from_containers == 10);
  CHECK(other.refusals == one.refusals);
  CHECK(other.strangers == one.strangers);
  CHECK(other.loops == one.loops);
  CHECK(other.missing == one.missing);
  for (const auto* const line : {"", "{}", R"({"activities":[{}]})", R"({"activities":[{"bastion":1}]})", "[]"}) {
    CHECK_FALSE(activities_in(line).has_value());
  }
}

TEST_CASE("overview: times that nobody can mean are brought to some that can be counted with") {
  const auto read = activities_in(
      R"({"activities":[{"bastion":"b","process":"p","began":-9223372036854775808,"at_ms":18446744073709551615,)"
      R"("sessions":[{"id":"s","since":9223372036854775807,"idle":-1}],"refusals":[{"at":1e300}],)"
      R"("backends":[{"backend":1,"latency":9223372036854775807}],"loops":[{"name":"l","lag":-5}]}]})");
  REQUIRE(read.has_value());
  const auto& one = read->front();
  CHECK(one.began == 0);
  CHECK(one.at_ms == 253'402'300'799'000);
  CHECK(one.sessions.front().since == 253'402'300'799);
  CHECK(one.sessions.front().idle.count() == 0);
  CHECK(one.refusals.front().at == 0);
  CHECK(one.loops.front().lag.count() == 0);
  const auto overview = overview_of({}, {.parts = *read, .missing = {}}, kBackends);
  CHECK(overview.at == 253'402'300'799);
}

TEST_CASE("overview: a session that needs no hop counts for the backend where its container is") {
  auto now = activity("one", 1'000);
  now.sessions = {live_session("a", "alice", 1, 2)};
  now.sessions.front().route.clear();
  now.sessions.front().container = "alice/web";
  const std::vector<PlacedBackend> backends{
      {.id = 1, .name = "here", .via = {}, .containers = 1, .direct = {"alice/web"}},
      {.id = 2, .name = "there", .via = {}, .containers = 1}};
  const auto overview = overview_of({}, {.parts = {now}, .missing = {}}, backends);
  CHECK(overview.backends[0].sessions == 1);
  CHECK(overview.backends[1].sessions == 0);
}

}  // namespace bastion::admin
