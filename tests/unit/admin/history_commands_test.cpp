// The audit, and the sessions that there were.
#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "store/sessions.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

TEST_CASE("who follows the audit is told each thing once") {
  AdminWorld world;
  world.done("user add alice");
  world.done("user add bob");
  world.context.again = true;
  auto part = world.type("audit list --follow --json");
  CHECK(std::ranges::count(part.out, '\n') == 2);
  CHECK(nlohmann::json::parse(part.out.substr(0, part.out.find('\n')))["subject"] == "alice");
  world.context.after = part.next;
  part = world.type("audit list --follow --json");
  CHECK(part.out.empty());
  world.context.again = false;
  world.context.after.reset();
  world.done("user disable bob");
  world.context.again = true;
  world.context.after = part.next;
  part = world.type("audit list --follow");
  CHECK(part.out.contains("user disable"));
  CHECK_FALSE(part.out.contains("SUBJECT"));
  CHECK(std::ranges::count(part.out, '\n') == 1);
  CHECK(world.type("audit list --follow --user nobody").next == world.context.after);
}

TEST_CASE("who follows the audit again goes on behind the last row that was read") {
  AdminWorld world;
  for (const auto* const words : {"user add alice", "user add bob", "user disable bob"}) world.done(words);
  world.context.again = true;
  auto part = world.type("audit list --follow --after 1 --json");
  CHECK(std::ranges::count(part.out, '\n') == 2);
  CHECK(nlohmann::json::parse(part.out.substr(0, part.out.find('\n')))["subject"] == "bob");
  REQUIRE(part.next);
  CHECK(part.next->row == 3);
  part = world.type("audit list --follow --after 3 --json");
  CHECK(part.out.empty());
  REQUIRE(part.next);
  CHECK(part.next->row == 3);
  world.context.again = false;
  CHECK(world.refused("audit list --after 1") == "--after is for --follow\n");
  CHECK(world.refused("audit list --follow --after 1 --limit 3").starts_with("--after says where to begin"));
}

TEST_CASE("audit verify says what is whole, and is a no where it is not") {
  AdminWorld world;
  for (const auto* const words : {"user add alice", "user add bob"}) world.done(words);
  auto said = world.json("audit verify");
  CHECK(said["whole"] == true);
  CHECK(said["broken"].is_null());
  CHECK(said["rows"] == 2);
  const auto head = said["head"].get<std::string>();
  CHECK(world.json("audit verify --head " + head)["whole"] == true);
  must(world.database.change([&] { return world.database.run("UPDATE audit SET subject = 'carol' WHERE id = 1"); }));
  const auto outcome = world.type("audit verify --json");
  CHECK(outcome.status == Status::refused);
  CHECK(nlohmann::json::parse(outcome.out)["broken"] == "row 1 was changed");
}

TEST_CASE("a filter that names nobody is refused, and says who was meant") {
  AdminWorld world;
  world.done("user add bob");
  world.done("user add carol");
  world.done("backend add front 10.1.1.11 --login hop");
  must(store::Sessions(world.database)
           .open({.id = "l1",
                  .user = "zoe",
                  .from_host = "10.0.0.1",
                  .key_fingerprint = "SHA256:A",
                  .container = "",
                  .route = "",
                  .at = 1}));
  for (const auto* const words :
       {"audit list --user bbo", "session list --user bbo", "session list --all --user bbo",
        "audit list --follow --user bbo", "container list --owner bbo", "key list bbo", "user show bbo", "route bbo"}) {
    CAPTURE(words);
    CHECK(world.refused(words) == "there is no user bbo, did you mean bob?\n");
  }
  CHECK(world.refused("container list --backend frnt") == "there is no backend frnt, did you mean front?\n");
  CHECK(world.refused("audit list --user nobody") == "there is no user nobody\n");
  CHECK(world.json("session list --all --user zoe").size() == 1);                       // who is gone is in the history
  for (const auto* const words : {"audit list --user local", "audit list --user -"}) {  // - is who could not be named
    CHECK(world.type(words).status == Status::done);
  }
  world.done("user remove carol");
  CHECK(world.refused("session list --user carol") == "there is no user carol\n");
}

TEST_CASE("who did what, and since when") {
  AdminWorld world;
  world.done("user add alice");
  world.context.now += 3600;
  world.context.actor = "root";
  world.done("user disable alice");
  world.context.again = true;  // looking leaves no trace here
  const auto all = world.json("audit list");
  REQUIRE(all.size() == 2);
  CHECK(all[0]["action"] == "user disable");
  CHECK(all[0]["user"] == "root");
  CHECK(all[0]["from"].is_null());
  CHECK(world.json("audit list --user local")[0]["action"] == "user add");
  CHECK(world.json("audit list --since 30m").size() == 1);
  CHECK(world.json("audit list --user local --since 30m").empty());

  const auto part = world.type("audit list --limit 1 --json");
  const auto newest = nlohmann::json::parse(part.out);
  REQUIRE(newest.size() == 1);
  const auto next = newest[0]["id"].dump();
  CHECK(part.err == fmt::format("more rows: add --before {}\n", next));
  const auto older = world.json("audit list --limit 1 --before " + next);
  REQUIRE(older.size() == 1);
  CHECK(older[0]["action"] == "user add");
  CHECK(world.type("audit list --limit 1000 --json").err.empty());
  CHECK(world.json("audit list --before 1").empty());
  CHECK(world.refused("audit list --before 4711") == "there is no row 4711 in the audit\n");
  CHECK(world.refused("audit list --before 1 --follow").starts_with("--before and --follow are mutually exclusive"));
}

TEST_CASE("sessions are listed: the open ones, or all") {
  AdminWorld world;
  store::Sessions sessions(world.database);
  for (const auto* id : {"l1", "l2", "l3"}) {
    must(sessions.open({.id = id,
                        .user = id == std::string("l3") ? "bob" : "alice",
                        .from_host = "10.0.0.1",
                        .key_fingerprint = "SHA256:A",
                        .container = "",
                        .route = "be1",
                        .at = 10}));
  }
  must(sessions.close({.id = "l1", .at = 20, .bytes_from_user = 3, .bytes_from_container = 4, .reason = "ok"}));
  const auto open = world.type("session list --json");
  CHECK(nlohmann::json::parse(open.out).size() == 2);
  CHECK(open.err.starts_with("no running bastion uses this state directory"));
  CHECK(nlohmann::json::parse(world.type("session list --open --user bob --json").out)[0]["id"] == "l3");
  const auto of_alice = world.json("session list --all --user alice");
  REQUIRE(of_alice.size() == 2);
  CHECK(of_alice[0]["closed"].is_null());
  CHECK(of_alice[0]["container"].is_null());
  CHECK(of_alice[1]["reason"] == "ok");
  CHECK(of_alice[1]["bytes_from_container"] == 4);
  CHECK(world.json("session list --all --limit 1").size() == 1);
}

}  // namespace bastion::admin
