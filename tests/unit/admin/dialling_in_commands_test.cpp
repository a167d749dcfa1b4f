// Backends that dial in: what commands and documents say of them, and who is let in for it.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bastion/access/machine.h"
#include "bastion/admin/commands/run.h"
#include "bastion/transport/keys.h"
#include "store/links.h"
#include "store/revocations.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::kAliceKey;
using test::kOtherKey;
using test::must;

namespace {

using Words = std::vector<std::string>;

Outcome gives(AdminWorld& world, const Words& words) { return run(words, world.context); }

struct DialInWorld : AdminWorld {
  DialInWorld() {
    CHECK(gives(*this, {"backend", "add", "be9", "--reverse", "--key", kAliceKey, "--login", "hop"}).status ==
          Status::done);
  }
  store::Links links{database};
  store::Revocations revoked{database};
  access::MachineRecords records{links, revoked};

  std::int64_t be9() { return must(backends.get("be9")).id; }
  // Who this key is, under that name.
  std::optional<access::Identity> who(std::string_view name, std::string_view key) {
    return must(access::machine_of(records, name, must(transport::parse_public_key(key)).key));
  }
};

}  // namespace

TEST_CASE("dialling in: a backend has an address or a key, and not both") {
  AdminWorld world;
  struct Row {
    Words words;
    std::string why;
  };
  for (const auto& row : std::vector<Row>{
           {{"backend", "add", "b", "--login", "hop"}, "or --reverse where it dials in"},
           {{"backend", "add", "b", "--login", "hop", "--reverse"}, "--key KEY"},
           {{"backend", "add", "b", "10.0.0.1", "--login", "hop", "--key", kAliceKey}, "write --reverse too"},
           {{"backend", "add", "b", "10.0.0.1", "--login", "hop", "--reverse", "--key", kAliceKey}, "has no address"},
           {{"backend", "add", "b", "--login", "hop", "--reverse", "--direct", "--key", kAliceKey}, "exclusive"},
           {{"backend", "add", "b", "--login", "hop", "--reverse", "--key", std::string("restrict ") + kAliceKey},
            "options have no place"}}) {
    CAPTURE(row.why);
    const auto outcome = gives(world, row.words);
    CHECK(outcome.status != Status::done);
    CHECK(outcome.err.contains(row.why));
  }
  CHECK(must(world.backends.all()).empty());
}

TEST_CASE("dialling in: it stays what it is, and its key can be another one") {
  DialInWorld world;
  CHECK(world.json("backend show be9")["address"] == "dials in");
  CHECK(world.json("backend show be9")["last_link"] == nullptr);
  CHECK(world.refused("backend set be9 --address 10.0.0.1").contains("has no address"));
  world.furnished();
  CHECK(world.refused("backend set be9 --via far").contains("through no other one"));
  CHECK(gives(world, {"backend", "set", "far", "--key", kOtherKey}).err.contains("only one that dials in"));
  CHECK(world.who("be9", kAliceKey));
  CHECK(gives(world, {"backend", "set", "be9", "--key", kOtherKey}).status == Status::done);
  CHECK_FALSE(world.who("be9", kAliceKey));
  CHECK(world.json("backend show be9")["key"] ==
        transport::fingerprint(must(transport::parse_public_key(kOtherKey)).key.blob));
}

TEST_CASE("dialling in: the key is good for that name alone, and until it is another one, or revoked") {
  DialInWorld world;
  CHECK_FALSE(world.who("be1", kAliceKey));
  CHECK_FALSE(world.who("be9", kOtherKey));
  CHECK_FALSE(world.who("", kAliceKey));
  const auto machine = world.who("be9", kAliceKey);
  REQUIRE(machine);
  CHECK(machine->dials_in == world.be9());
  CHECK(machine->user == 0);
  CHECK(access::suffices(*machine));
  CHECK(access::may_stay(world.records, *machine));

  const auto before = must(world.links.key_of(world.be9()));
  must(world.links.set_key(world.be9(), must(transport::parse_public_key(kOtherKey)).key.blob));
  CHECK(access::may_stay(world.records, *machine).error().reason == Reason::key_removed);
  must(world.links.set_key(world.be9(), before));
  CHECK(access::may_stay(world.records, *machine));
  must(world.revoked.add({.value = transport::fingerprint(before)}));
  CHECK(access::may_stay(world.records, *machine).error().reason == Reason::credential_revoked);
  CHECK_FALSE(world.who("be9", kAliceKey));
  world.done("backend remove be9");
  CHECK(access::may_stay(world.records, *machine).error().reason == Reason::key_removed);
}

TEST_CASE("dialling in: a backend that has an address lets nobody in, whatever the key") {
  AdminWorld world;
  world.furnished();
  store::Links links(world.database);
  CHECK_FALSE(must(links.with_key("far", {})));
  CHECK_FALSE(must(links.has("far")));
  CHECK(must(world.backends.at("")).empty());
}

TEST_CASE("dialling in: links are shown while they are there, and when the last one was") {
  DialInWorld world;
  must(world.links.begin({.id = "a", .backend = world.be9(), .server = "s", .from_host = "192.0.2.1", .began_at = 10}));
  must(world.links.begin({.id = "b", .backend = world.be9(), .server = "t", .from_host = "192.0.2.2", .began_at = 20}));
  auto shown = world.json("backend show be9")["links"];
  REQUIRE(shown.size() == 2);
  CHECK(shown[0]["from"] == "192.0.2.2");
  must(world.links.end("b", 40));
  CHECK(world.json("backend show be9")["links"].size() == 1);
  CHECK(must(world.links.last(world.be9())) == 40);
  must(world.links.end_all("s", 50));
  CHECK(world.json("backend show be9")["links"].empty());
  CHECK(must(world.links.last(world.be9())) == 50);
  must(world.links.begin({.id = "c", .backend = world.be9(), .server = "t", .from_host = "192.0.2.2", .began_at = 60}));
  CHECK(must(world.links.of(world.be9())).size() == 1);
  CHECK(must(world.links.last(world.be9() + 1)) == std::nullopt);
}

TEST_CASE("dialling in: the document has it, and makes it") {
  DialInWorld world;
  const auto exported = world.json("export");
  const auto entry = exported["backends"][0];
  CHECK_FALSE(entry.contains("address"));
  CHECK(std::string(kAliceKey).starts_with(std::string(entry["link_key"]).substr(0, 40)));
  AdminWorld other;
  other.file_text = exported.dump();
  other.done("apply FILE");
  CHECK(other.json("export")["backends"] == exported["backends"]);
  CHECK(must(store::Links(other.database).has("be9")));
}

}  // namespace bastion::admin
