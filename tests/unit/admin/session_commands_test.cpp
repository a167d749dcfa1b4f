// The commands about sessions that are running, told what runs.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bastion/admin/commands/run.h"
#include "bastion/admin/grammar/words.h"
#include "bastion/transport/keys.h"
#include "tests/support/admin_world.h"
#include "tests/support/recorded_runtime.h"
#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::SmallWorld;
using Ids = std::vector<std::string>;

session::LiveSession session(std::string id, std::string user, std::string container, std::vector<std::string> route,
                             std::vector<std::string> tunnels = {}) {
  return {.id = std::move(id),
          .user = std::move(user),
          .from_host = "10.0.0.1",
          .key_fingerprint = "SHA256:A",
          .container = std::move(container),
          .route = std::move(route),
          .tunnels = std::move(tunnels),
          .since = SmallWorld::kNow,
          .idle = std::chrono::seconds(90),
          .bytes_from_user = 3,
          .bytes_from_container = 4,
          .channels = 2};
}

struct Hall : SmallWorld {
  test::RecordedRuntime runtime;
  Context context{.database = database,
                  .actor = "root",
                  .role = store::Role::admin,
                  .now = kNow,
                  .read_key = {},
                  .identity = {},
                  .runtime = &runtime,
                  .snapshot = {.sessions = std::vector<session::LiveSession>{}}};
  Hall() {
    user("alice");
    user("bob");
    backend("be1");
    backend("be2");
    backend("here", "", store::RouteKind::direct);
    container("alice", "web", "be1", "10.0.3.100");
    container("bob", "web", "be2", "10.0.3.100");
    container("bob", "db", "here", "10.1.1.100");
    context.snapshot.sessions = {session("s1", "alice", "alice/web", {"be1"}),
                                 session("s2", "bob", "bob/web", {"be1", "be2"}), session("s3", "bob", "bob/db", {}),
                                 session("s4", "alice", "", {}, {"bob/web"}), session("s5", "root", "", {})};
  }
  Outcome type(std::vector<std::string> words) { return run(std::move(words), context); }
  Ids killed(std::vector<std::string> how) {
    how.insert(how.begin(), {"session", "kill"});
    runtime.ended.clear();
    type(std::move(how));
    return runtime.ended;
  }
};

}  // namespace

TEST_CASE("what runs is listed, not what the database takes for open") {
  Hall hall;
  const auto listed = hall.type({"session", "list", "--json"});
  CHECK(listed.err.empty());
  const auto rows = nlohmann::json::parse(listed.out);
  REQUIRE(rows.size() == 5);
  CHECK(rows[1]["route"] == "be1 > be2");
  CHECK(rows[1]["idle_seconds"] == 90);
  CHECK(rows[1]["channels"] == 2);
  CHECK(rows[4]["container"].is_null());
  CHECK(nlohmann::json::parse(hall.type({"session", "list", "--user", "bob", "--json"}).out).size() == 2);
  CHECK(nlohmann::json::parse(hall.type({"session", "list", "--all", "--json"}).out).empty());
}

TEST_CASE("a session is shown with its tunnels") {
  Hall hall;
  const auto shown = nlohmann::json::parse(hall.type({"session", "show", "s4", "--json"}).out);
  CHECK(shown["user"] == "alice");
  CHECK(shown["tunnels"][0]["to"] == "bob/web");
  CHECK(hall.type({"session", "show", "s9"}).err == "there is no session s9\n");
}

TEST_CASE("sessions are chosen by id, user, container and backend") {
  Hall hall;
  CHECK(hall.killed({"s3"}) == Ids{"s3"});
  CHECK(hall.killed({"--user", "alice"}) == Ids{"s1", "s4"});
  CHECK(hall.killed({"--container", "bob/web"}) == Ids{"s2", "s4"});
  CHECK(hall.killed({"--backend", "be1"}) == Ids{"s1", "s2"});
  CHECK(hall.killed({"--backend", "be2"}) == Ids{"s2", "s4"});
  CHECK(hall.killed({"--backend", "here"}) == Ids{"s3"});
}

TEST_CASE("what is not there is not ended, and nothing is written down") {
  Hall hall;
  CHECK(hall.type({"session", "kill", "s9"}).status == Status::refused);
  CHECK(hall.type({"session", "kill", "--user", "nobody"}).err == "there is no user nobody\n");
  CHECK(hall.type({"session", "kill", "--user", "alcie"}).err == "there is no user alcie, did you mean alice?\n");
  CHECK(hall.type({"session", "kill", "--container", "web"}).err.starts_with("several containers"));
  CHECK(hall.type({"session", "kill"}).status == Status::usage);
  CHECK(hall.type({"session", "kill", "s1", "--user", "alice"}).status == Status::usage);
  for (const auto& row : test::must(hall.audit.latest(10))) CHECK(row.outcome == "refused");
  hall.type({"session", "kill", "--user", "bob"});
  CHECK(test::must(hall.audit.latest(10)).front().subject == "s2, s3");
}

TEST_CASE("who is kicked when a container moves is who is in it, or has a tunnel there") {
  Hall hall;
  const auto stays = hall.type({"container", "move", "bob/web", "--backend", "be1", "--address", "10.0.3.7"});
  CHECK(stays.status == Status::done);
  CHECK(hall.runtime.ended.empty());
  CHECK(hall.runtime.vacated.empty());
  const auto kicked =
      hall.type({"container", "move", "bob/web", "--backend", "be1", "--address", "10.0.3.8", "--kick"});
  CHECK(hall.runtime.ended == Ids{"s2", "s4"});
  REQUIRE(hall.runtime.vacated.size() == 1);
  CHECK(hall.runtime.vacated.front().address == "10.0.3.7");
  CHECK(test::must(hall.audit.latest(1)).front().subject == "bob/web; sessions ended: s2, s4");
  CHECK(hall.runtime.told == "container bob/web was moved to another place; log in again to get there");
  CHECK(kicked.out.contains("2 sessions ended"));
}

TEST_CASE("whoever serves and was not asked is not taken for nobody") {
  Hall hall;
  hall.context.snapshot.sessions.reset();
  const std::vector<std::string> move{"container", "move",      "bob/web",  "--backend",
                                      "be1",       "--address", "10.0.3.9", "--kick"};
  for (const auto& words : {move, {"session", "list"}, {"session", "kill", "--user", "bob"}, {"backend", "list"}}) {
    const auto refused = hall.type(words);
    CHECK(refused.status == Status::refused);
    CHECK(refused.err == "the running bastion could not be asked, and nothing was done; try again\n");
  }
  CHECK(hall.runtime.vacated.empty());
  for (const auto& row : test::must(hall.audit.latest(10))) CHECK(row.outcome == "refused");

  hall.context.runtime = nullptr;
  CHECK(hall.type(move).status == Status::done);
}

TEST_CASE("a change that is not written ends nobody") {
  Hall hall;
  const auto told = hall.type({"container", "move", "bob/web", "--backend", "be2", "--address", "none:x", "--kick"});
  CHECK(told.status != Status::done);
  CHECK(hall.runtime.ended.empty());
  CHECK(hall.runtime.vacated.empty());
}

TEST_CASE("where nobody serves, nothing can be ended") {
  Hall hall;
  hall.context.runtime = nullptr;
  hall.context.snapshot.sessions.reset();
  CHECK(hall.type({"session", "kill", "--user", "alice"}).err.contains("no running bastion"));
  CHECK(hall.type({"session", "list"}).err.contains("no running bastion"));
}

TEST_CASE("what only the bastion that serves knows is asked of it first") {
  const auto words = [](std::string_view line) { return test::must(command_words(line)); };
  const auto asks_for_sessions = [&](std::string_view line) {
    return std::holds_alternative<SessionsQuery>(query_for(words(line)));
  };
  CHECK(asks_for_sessions("session list --json"));
  CHECK(asks_for_sessions("container move web --backend be1 --address 10.0.3.7 --kick"));
  CHECK_FALSE(asks_for_sessions("container move web --backend be1 --address 10.0.3.7"));
  const auto* const line = "container add web --owner alice --address 10.0.3.7";
  CHECK(std::holds_alternative<ReachabilityQuery>(query_for(words(fmt::format("{} --auto-place", line)))));
  CHECK(asks_nothing(query_for(words(fmt::format("{} --backend be1", line)))));
  CHECK(std::get<ReachabilityQuery>(query_for({"backend", "list"})).backend == std::nullopt);
  CHECK(std::get<ReachabilityQuery>(query_for({"backend", "show", "be1", "--json"})).backend == "be1");
  const auto question = std::get<probe::Explanation::Question>(query_for(words("explain alice+web --from 10.9.9.9")));
  CHECK(question.target.container == "web");
  CHECK(question.from_host == "10.9.9.9");
  const auto with_key = [&](const std::string& key) {
    const auto asked = query_for({"explain", "alice", "--key", key});
    return std::get<probe::Explanation::Question>(asked).fingerprint;
  };
  const auto fingerprint = transport::fingerprint(test::must(transport::parse_public_key(test::kOtherKey)).key.blob);
  CHECK(with_key(std::string(test::kOtherKey)) == fingerprint);
  CHECK(with_key(fingerprint) == fingerprint);
  CHECK(with_key("nonsense") == "nonsense");
  CHECK(std::get<InstancesQuery>(query_for(words("import incus --backend be1 --dry-run"))).backend == "be1");
  CHECK(asks_nothing(query_for(words("import incus - --backend be1"))));
  CHECK(asks_nothing(query_for(words("import incus --owner alice"))));
  for (const auto* other : {"user list", "nonsense", "backend show", "backend list all", "explain alice --key"}) {
    CHECK(asks_nothing(query_for(words(other))));
  }
}

}  // namespace bastion::admin
