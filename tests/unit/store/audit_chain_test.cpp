#include "store/audit_chain.h"

#include <doctest/doctest.h>

#include <array>
#include <optional>
#include <string>

#include "store/retention.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::must;
using test::refused;

struct Chained : test::SmallWorld {
  AuditChain chain{database};

  void row(std::int64_t at, const std::string& action = "login", const std::string& outcome = "done") {
    must(database.change([&] {
      return audit.add({.at = at,
                        .actor = "alice",
                        .action = action,
                        .subject = "x",
                        .outcome = outcome,
                        .detail = at == 2 ? "seconds=1" : ""});
    }));
  }
  void rows(int count) {
    for (int i = 0; i < count; ++i) row(i);
  }
  [[nodiscard]] AuditChain::Verdict verdict(const std::optional<ChainHead>& known = std::nullopt) {
    return must(database.view([&] { return chain.verify(known); }));
  }
  // What somebody does who can write the file.
  void meddle(const char* sql) {
    must(database.change([&] { return database.run(sql); }));
  }
  // As a program that knows nothing of the chain.
  void old_row() {
    meddle("INSERT INTO audit (at, actor, action, subject, outcome) VALUES (7, 'bob', 'login', '', 'done')");
  }
  void keep(const Retention& retention, std::int64_t now) {
    HistoryPruner pruner(retention);
    while (must(database.change([&] { return pruner.step(database, now); }))) {
    }
  }
};

}  // namespace

TEST_CASE("the chain: rows as they were written are whole, and the head follows the last one") {
  Chained world;
  CHECK(world.verdict().broken.empty());
  CHECK(world.verdict().head == ChainHead{});
  world.rows(3);
  const auto first = world.verdict();
  CHECK(first.broken.empty());
  CHECK(first.rows == 3);
  CHECK(first.head.id == 3);
  world.row(9);
  CHECK(world.verdict().head.link != first.head.link);
  CHECK(world.verdict(first.head).broken.empty());
}

TEST_CASE("the chain: the first row that somebody has meddled with is named") {
  struct Case {
    const char* sql;
    std::string broken;
  };
  const auto cases = std::to_array<Case>({
      {"UPDATE audit SET outcome = 'refused' WHERE id = 2", "row 2 was changed"},
      {"UPDATE audit SET actor = 'alicex', action = 'login' WHERE id = 4", "row 4 was changed"},
      {"UPDATE audit SET at = at + 1 WHERE id >= 3", "row 3 was changed"},
      {"UPDATE audit SET detail = 'account=root' WHERE id = 2", "row 2 was changed"},
      {"UPDATE audit SET detail = '' WHERE id = 3", "row 3 was changed"},
      {"UPDATE audit SET session = 'other' WHERE id = 5", "row 5 was changed"},
      {"DELETE FROM audit_chain WHERE id = 3", "row 3 was put in: it has no link, and later ones have"},
      {"DELETE FROM audit WHERE id = 3; DELETE FROM audit_chain WHERE id = 3",
       "row 4 does not follow the one before it"},
      {"UPDATE audit_chain SET digest = zeroblob(32) WHERE id = 2", "row 2 was changed"},
      {"UPDATE audit_chain SET link = zeroblob(32) WHERE id = 2", "row 2 does not follow the one before it"},
      {"DELETE FROM audit WHERE id = 1; DELETE FROM audit_chain WHERE id = 1",
       "row 2 does not follow the one before it"},
      {"INSERT INTO audit (id, at, actor, action, subject, outcome) VALUES (-1, 1, 'a', 'b', 'c', 'd')",
       "row -1 was put in: it has no link, and later ones have"},
  });
  for (const auto& one : cases) {
    CAPTURE(one.sql);
    Chained world;
    world.rows(6);
    world.meddle(one.sql);
    CHECK(world.verdict().broken == one.broken);
  }
}

TEST_CASE("the chain: against who makes another one there is the head that was kept elsewhere") {
  Chained world;
  world.rows(6);
  const auto kept = world.verdict().head;
  world.row(9);
  CHECK(world.verdict(kept).broken.empty());
  // The last rows are gone.
  world.meddle("DELETE FROM audit WHERE id > 4; DELETE FROM audit_chain WHERE id > 4");
  CHECK(world.verdict().broken.empty());
  CHECK(world.verdict(kept).broken == "row 6 is not there any more");
  // All of it is made anew.
  world.meddle("UPDATE audit SET actor = 'bob' WHERE id = 2; DELETE FROM audit_chain");
  world.rows(4);
  CHECK(world.verdict().broken.empty());
  CHECK(world.verdict(kept).broken == "row 6 has another link than it had");
}

TEST_CASE("the chain: what retention takes away leaves links, until all before it is gone too") {
  Chained world;
  for (int i = 1; i <= 10; ++i) world.row(100 * i, i % 2 == 0 ? "user list" : "user add");
  const auto kept = world.verdict().head;
  const auto early = [&] {
    Chained other;
    other.row(100, "user add");
    return other.verdict().head;
  }();
  world.keep({.seconds = 0, .seconds_reads = 100, .reads = {"user list"}}, 1000);
  auto verdict = world.verdict(kept);
  CHECK(verdict.broken.empty());
  CHECK(verdict.rows == 6);
  CHECK(verdict.taken_away == 4);
  CHECK(world.verdict(early).broken.empty());

  world.keep({.seconds = 450, .seconds_reads = 100, .reads = {"user list"}}, 1000);
  verdict = world.verdict(kept);
  CHECK(verdict.broken.empty());
  CHECK(verdict.rows == 3);
  CHECK(verdict.taken_away == 2);              // 6, where it begins now, and 8
  CHECK(world.verdict(early).broken.empty());  // nothing can be said of it any more
  world.meddle("UPDATE audit SET subject = 'y' WHERE id = 7");
  CHECK(world.verdict().broken == "row 7 was changed");
}

TEST_CASE("the chain: rows of an older program get their links with the next one, a part of them at a time") {
  Chained world;
  world.rows(2);
  world.old_row();
  world.old_row();
  CHECK(world.verdict().without_link == 2);
  CHECK(world.verdict().broken.empty());
  world.row(9);
  CHECK(world.verdict().without_link == 0);
  CHECK(world.verdict().rows == 5);
  for (int i = 0; i < AuditChain::kStep + 10; ++i) world.old_row();
  world.row(10);
  CHECK(world.verdict().without_link == 11);
  world.keep({.seconds = 0, .seconds_reads = 0, .reads = {}}, 1000);
  CHECK(world.verdict().without_link == 0);
  CHECK(world.verdict().broken.empty());
}

TEST_CASE("the chain: a head is read as it is written") {
  Chained world;
  world.rows(1);
  const auto head = world.verdict().head;
  CHECK(must(ChainHead::parse(head.text())) == head);
  for (const auto* const text : {"", "1", "1:", ":", "x:0", "1:00"}) CHECK_FALSE(ChainHead::parse(text).has_value());
  CHECK_FALSE(ChainHead::parse("0:" + std::string(64, '0')).has_value());
  CHECK_FALSE(ChainHead::parse("1:" + std::string(64, 'g')).has_value());
  CHECK(ChainHead::parse("1:" + std::string(64, 'a')).has_value());
}

}  // namespace bastion::store
