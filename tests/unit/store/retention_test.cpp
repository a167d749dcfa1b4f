#include "store/retention.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "store/sessions.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::must;

constexpr std::int64_t kNow = 1'000'000;

struct History : test::SmallWorld {
  Sessions sessions{database};

  void row(std::int64_t at, const std::string& action, const std::string& outcome = "done") {
    must(audit.add({.at = at, .actor = "alice", .action = action, .subject = "", .outcome = outcome}));
  }
  // In steps, until there is no more to do; how many there were.
  int prune(HistoryPruner& pruner, std::int64_t now = kNow) {
    for (int steps = 1;; ++steps) {
      if (!must(database.change([&] { return pruner.step(database, now); }))) return steps;
    }
  }
  int keep(const Retention& retention) {
    HistoryPruner pruner(retention);
    return prune(pruner);
  }
  void session(const std::string& id, std::int64_t opened_at, std::optional<std::int64_t> closed_at) {
    must(sessions.open({.id = id,
                        .user = "alice",
                        .from_host = "",
                        .key_fingerprint = "",
                        .container = "",
                        .route = "",
                        .at = opened_at}));
    if (closed_at) must(sessions.close({.id = id, .at = *closed_at, .reason = "ok"}));
  }
  [[nodiscard]] std::vector<std::string> sessions_left() {
    std::vector<std::string> ids;
    for (const auto& one : must(sessions.latest(9))) ids.push_back(one.opened.id);
    return ids;
  }
  [[nodiscard]] std::vector<std::string> left() {
    std::vector<std::string> rows;
    for (const auto& entry : must(audit.latest(100'000)))
      rows.push_back(entry.action + " " + std::to_string(kNow - entry.at));
    return rows;
  }
};

}  // namespace

TEST_CASE("retention: what only reads, and who was denied, goes before what has changed something") {
  History history;
  for (const auto age : {200, 99, 50, 9}) {
    history.row(kNow - age, "user add");
    history.row(kNow - age, "user list");
    history.row(kNow - age, "login", "denied");
    history.row(kNow - age, "refuse", "authfail");
    history.row(kNow - age, "login");
  }
  history.keep({.seconds = 100, .seconds_reads = 10, .reads = {"user list"}});
  CHECK(history.left() == std::vector<std::string>{"login 9", "refuse 9", "login 9", "user list 9", "user add 9",
                                                   "login 50", "user add 50", "login 99", "user add 99"});
}

TEST_CASE("retention: 0 is for ever, and of the lesser rows as long as the others") {
  History history;
  for (const auto* const action : {"user list", "user add", "user add"}) history.row(1, action);
  history.keep({.seconds = 0, .seconds_reads = 0, .reads = {"user list"}});
  CHECK(history.left().size() == 3);
  history.keep({.seconds = 0, .seconds_reads = 10, .reads = {"user list"}});
  CHECK(history.left().size() == 2);
  history.row(kNow, "user list");
  history.keep({.seconds = 10, .seconds_reads = 0, .reads = {"user list"}});
  CHECK(history.left() == std::vector<std::string>{"user list 0"});
}

TEST_CASE("retention: the newest row stays, and so no number comes to mean another one") {
  History history;
  history.row(1, "user list");
  history.row(2, "user list");
  history.keep({.seconds = 10, .seconds_reads = 10, .reads = {"user list"}});
  CHECK(history.left().size() == 1);
  CHECK(must(history.audit.last()) == 2);
}

TEST_CASE("retention: a long history goes in steps, and what is kept in between does not stop it") {
  History history;
  constexpr int kRows = 3 * HistoryPruner::kStep;
  must(history.database.change([&]() -> Result<> {
    for (int i = 0; i < kRows; ++i) history.row(kNow - 50, i % 2 == 0 ? "user list" : "user add");
    return {};
  }));
  CHECK(history.keep({.seconds = 100, .seconds_reads = 10, .reads = {"user list"}}) >= 3);
  CHECK(history.left().size() == kRows / 2);
}

TEST_CASE("retention: rows that stay are not looked at again, and those that grow old meanwhile go") {
  History history;
  constexpr int kRows = 4 * HistoryPruner::kStep;
  must(history.database.change([&]() -> Result<> {
    for (int i = 0; i < kRows; ++i) history.row(kNow - 50, "user add");
    for (int i = 0; i < 3; ++i) history.row(kNow - 5, "user list");
    return {};
  }));
  HistoryPruner pruner({.seconds = 100, .seconds_reads = 10, .reads = {"user list"}});
  CHECK(history.prune(pruner) > 4);
  CHECK(history.prune(pruner) == 1);
  CHECK(history.prune(pruner, kNow + 10) == 1);
  CHECK(history.left().size() == kRows + 1);
  CHECK(history.prune(pruner, kNow + 100) > 4);
  CHECK(history.left().size() == 1);
}

TEST_CASE("retention: of sessions those that have ended go, and those that are open stay") {
  History history;
  history.session("old", kNow - 300, kNow - 200);
  history.session("open", kNow - 300, std::nullopt);
  history.session("long", kNow - 300, kNow - 50);
  history.session("new", kNow - 60, kNow - 50);
  history.keep({.seconds = 100, .seconds_reads = 10});
  CHECK(history.sessions_left() == std::vector<std::string>{"new", "long", "open"});
}

TEST_CASE("retention: what a backup has brought back behind younger history goes too") {
  History history;
  history.session("young", kNow - 60, kNow - 50);
  history.row(kNow - 50, "user add");
  HistoryPruner pruner({.seconds = 100, .seconds_reads = 10});
  history.prune(pruner);
  history.session("restored", kNow - 300, kNow - 200);
  history.row(kNow - 200, "user add");
  history.row(kNow - 5, "restore");
  history.prune(pruner);
  CHECK(history.sessions_left() == std::vector<std::string>{"young"});
  CHECK(history.left() == std::vector<std::string>{"restore 5", "user add 50"});
}

}  // namespace bastion::store
