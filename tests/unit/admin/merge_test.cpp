// Two directories made into one.
#include "bastion/admin/manifest/merge.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/read_manifest.h"
#include "bastion/transport/keys.h"
#include "store/bans.h"
#include "store/cas.h"
#include "store/fleet/replica.h"
#include "store/revocations.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::blob;
using test::must;
using test::refused;
using Texts = std::vector<std::string>;
using Keeps = std::vector<std::pair<std::string, std::string>>;

struct Side : test::SmallWorld {
  explicit Side(std::string_view text) {
    const auto document = must(parse_directory(text));
    must(database.change([&] { return apply(database, document, Unnamed::stay, kNow); }));
  }
  WholeDirectory whole() { return must(read_whole_directory(database, kNow)); }
  std::string exported() { return to_json(must(read_manifest(database))).dump(2); }
  store::HostKeyOwner backend_named(std::string_view name) {
    return store::HostKeyOwner::of_backend(must(backends.get(name)).id);
  }
};

struct TwoSides {
  TwoSides(std::string_view here_text, std::string_view fleet_text) : here(here_text), fleet(fleet_text) {}

  MergePlan plan(const Texts& renames = {}, const Keeps& keeps = {}) {
    return must(plan_merge(here.whole(), fleet.whole(), must(parse_resolutions(renames, keeps))));
  }
  // What collides: `user:alice keys, role`.
  Texts collisions(const Texts& renames = {}, const Keeps& keeps = {}) {
    Texts texts;
    for (const auto& one : plan(renames, keeps).collisions) {
      Texts fields;
      for (const auto& difference : one.differences) fields.push_back(difference.what);
      texts.push_back(fmt::format("{} {}", one.what, fmt::join(fields, ", ")));
    }
    return texts;
  }
  Texts merged(const Texts& renames = {}, const Keeps& keeps = {}) {
    const auto planned = plan(renames, keeps);
    REQUIRE(planned.collisions.empty());
    Texts lines;
    const auto changes =
        must(fleet.database.change([&] { return merge(fleet.database, planned, test::SmallWorld::kNow); }));
    for (const auto& change : changes) {
      lines.push_back(fmt::format("{} {} {}", text_of(change.kind), change.what, change.name));
    }
    return lines;
  }
  std::string suggestion() { return as_typed(must(suggest(here.whole(), fleet.whole(), {}, "two"))); }

  Side here;
  Side fleet;
};

const std::string kFirst = test::kAliceKey;
const std::string kSecond = test::kOtherKey;

std::string users(std::string_view name, std::string_view key, std::string_view more = "") {
  return fmt::format("users: [{{name: {}, keys: [{{key: \"{}\"}}]{}}}]\n", name, key, more);
}
std::string backends(std::string_view name, std::string_view address) {
  return fmt::format("backends: [{{name: {}, address: \"{}\", login: hop}}]\n", name, address);
}
std::string containers(std::string_view name, std::string_view backend, std::string_view address,
                       std::string_view more = "") {
  return fmt::format("containers: [{{owner: alice, name: {}, backend: {}, address: {}, login: alice{}}}]\n", name,
                     backend, address, more);
}
const std::string kVersion = "version: 1\n";
const std::string kAlice = kVersion + users("alice", kFirst);
const std::string kSite = kAlice + backends("be1", "10.1.1.11") + containers("web", "be1", "10.0.3.100");

}  // namespace

TEST_CASE("merge: what is the same on both sides is one, and what is only here is added") {
  TwoSides sides(kSite + "", kAlice + backends("be1", "10.1.1.11"));
  CHECK(sides.collisions().empty());
  CHECK(sides.merged() == Texts{"add container alice/web"});
  CHECK(sides.fleet.exported() == sides.here.exported());
  CHECK(sides.merged().empty());  // done again it does nothing
}

TEST_CASE("merge: what has one name and differs is a collision, of whatever kind") {
  struct Case {
    std::string here;
    std::string fleet;
    Texts collisions;
    std::string suggestion;
  };
  const auto web_at = [](std::string_view address) {
    return kAlice + backends("be1", "10.1.1.11") + containers("web", "be1", address);
  };
  const std::vector<Case> cases{
      {kAlice, kVersion + users("alice", kSecond), {"user:alice keys"}, " --rename user:alice=alice-two"},
      {kAlice,
       kVersion + users("alice", kFirst, ", role: admin"),
       {"user:alice role"},
       " --rename user:alice=alice-two"},
      {kAlice,
       kVersion + users("alice", kFirst, ", options: restrict"),
       {"user:alice options"},
       " --rename user:alice=alice-two"},
      {kVersion + backends("be1", "10.1.1.11"),
       kVersion + backends("be1", "10.1.1.12"),
       {"backend:be1 address"},
       " --rename backend:be1=be1-two"},
      {web_at("10.0.3.100"),
       web_at("10.0.3.101"),
       {"container:alice/web address"},
       " --rename container:alice/web=web-two"},
      // The same account in the same machine under another name: only one of them can be.
      {kAlice + backends("be1", "10.1.1.11") + containers("db", "be1", "10.0.3.100"),
       kSite,
       {"container:alice/db alice@10.0.3.100:22 on backend be1"},
       " --keep fleet container:alice/db"},
      {kAlice + backends("be1", "10.1.1.11") + containers("db", "be1", "10.0.3.101", ", default: true"),
       kAlice + backends("be1", "10.1.1.11") + containers("web", "be1", "10.0.3.100", ", default: true"),
       {"default:alice default"},
       " --keep fleet default:alice"},
      // Another backend of the same name has other containers, whatever their addresses.
      {kSite,
       kAlice + backends("be1", "10.1.1.12") + containers("web", "be1", "10.0.3.100"),
       {"backend:be1 address", "container:alice/web backend"},
       " --rename backend:be1=be1-two --rename container:alice/web=web-two"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.here);
    CAPTURE(one.fleet);
    TwoSides sides(one.here, one.fleet);
    CHECK(sides.collisions() == one.collisions);
    CHECK(sides.suggestion() == one.suggestion);
    // What is suggested changes nothing that the fleet has.
    const auto suggested = must(suggest(sides.here.whole(), sides.fleet.whole(), {}, "two"));
    const auto plan = must(plan_merge(sides.here.whole(), sides.fleet.whole(), suggested));
    CHECK(plan.collisions.empty());
    CHECK(plan.replaced.empty());
    const auto changes = must(sides.fleet.database.change([&] { return merge(sides.fleet.database, plan, 7); }));
    for (const auto& change : changes) CHECK(change.kind == Change::Kind::add);
  }
}

TEST_CASE("merge: groups come along with their members; of one name with others in it an administrator decides") {
  const auto of = [](std::string_view members) {
    return kAlice + fmt::format("groups: [{{name: ops, members: [{}]}}]\n", members);
  };
  TwoSides alone(of("alice"), kVersion + users("alice", kFirst));
  CHECK(alone.merged() == Texts{"add group ops", "add member ops alice"});
  TwoSides same(of("alice"), of("alice"));
  CHECK(same.merged().empty());
  TwoSides sides(of(""), of("alice"));
  CHECK(sides.collisions() == Texts{"group:ops members"});
  CHECK(sides.suggestion() == " --rename group:ops=ops-two");
  CHECK(sides.merged({"group:ops=others"}) == Texts{"add group others"});
  CHECK(sides.merged({}, {{"mine", "group:ops"}}) == Texts{"remove member ops alice"});
}

TEST_CASE("merge: what groups have of backends and containers goes along under the names of there") {
  const auto site = kAlice + "groups: [{name: ops, members: [alice]}]\n" +
                    "backends: [{name: be1, address: 10.1.1.11, login: hop, groups: [ops]}]\n" +
                    containers("web", "be1", "10.0.3.100", ", shares: [{group: ops}]");
  TwoSides sides(site, kAlice + "groups: [{name: ops, members: []}]\n");
  sides.merged({"group:ops=others"});
  const auto exported = sides.fleet.exported();
  CHECK(exported.contains("\"group\": \"others\""));
  CHECK(must(sides.fleet.groups.of_backend(must(sides.fleet.backends.get("be1")).id)) == Texts{"others"});
}

TEST_CASE("merge: of one person with two keys an administrator says which count") {
  struct Case {
    std::string side;
    Texts keys;
    Texts changes;
  };
  const auto first = transport::fingerprint(must(transport::parse_public_key(kFirst)).key.blob);
  const auto second = transport::fingerprint(must(transport::parse_public_key(kSecond)).key.blob);
  const std::vector<Case> cases{
      {"fleet", {second}, {}},
      {"mine", {first}, {"add key alice " + first, "remove key alice " + second}},
      {"both", {second, first}, {"add key alice " + first}},
  };
  for (const auto& one : cases) {
    CAPTURE(one.side);
    TwoSides sides(kAlice, kVersion + users("alice", kSecond));
    CHECK(sides.merged({}, {{one.side, "user:alice"}}) == one.changes);
    Texts keys;
    for (const auto& key : must(sides.fleet.keys.of_user(sides.fleet.id_of("alice")))) keys.push_back(key.fingerprint);
    CHECK(keys == one.keys);
    CHECK(sides.merged({}, {{one.side, "user:alice"}}).empty());  // after an interruption
  }
}

TEST_CASE("merge: another name of a user and of a backend goes along to what is theirs") {
  TwoSides sides(kSite, kVersion + users("alice", kSecond) + backends("be1", "10.1.1.12") +
                            containers("web", "be1", "10.0.3.100"));
  CHECK(sides.merged({"user:alice=alice-two", "backend:be1=be1-two"}) ==
        Texts{"add user alice-two", "add backend be1-two", "add container alice-two/web"});
  const auto there = must(sides.fleet.containers.named("web"));
  REQUIRE(there.size() == 2);
  CHECK(there.back().full_name() == "alice-two/web");
  CHECK(there.back().backend_name == "be1-two");
  CHECK(there.back().account == "alice");
}

TEST_CASE("merge: certificates of a user's own CA name them as before") {
  const auto ca = [](std::string_view options) {
    return kVersion +
           fmt::format("users: [{{name: alice, keys: [{{key: \"{}\", options: '{}'}}]}}]\n", kFirst, options);
  };
  const auto options_there = [](Side& side, std::string_view user) {
    return must(side.keys.of_user(side.id_of(user))).front().options;
  };
  TwoSides sides(ca("cert-authority,no-pty"), kVersion + users("alice", kSecond));
  CHECK(sides.merged({"user:alice=alice-two"}) == Texts{"add user alice-two"});
  CHECK(options_there(sides.fleet, "alice-two") == "cert-authority,no-pty,principals=\"alice\"");
  CHECK(sides.merged({"user:alice=alice-two"}).empty());
  TwoSides named(ca("cert-authority,principals=\"ops\""), kVersion + users("alice", kSecond));
  CHECK(named.merged({"user:alice=alice-two"}) == Texts{"add user alice-two"});
  CHECK(options_there(named.fleet, "alice-two") == "cert-authority,principals=\"ops\"");
  TwoSides same(ca("cert-authority"), kVersion + users("bob", kSecond));
  CHECK(same.merged() == Texts{"add user alice"});
  CHECK(options_there(same.fleet, "alice") == "cert-authority");
}

TEST_CASE("merge: two that have one name and address, and other host keys, are two") {
  TwoSides sides(kSite, kSite);
  CHECK(sides.collisions().empty());
  const auto learn = [](Side& side, std::string_view key) {
    must(side.host_keys.learn(side.backend_named("be1"), blob(key), 5));
  };
  learn(sides.here, "one");
  CHECK(sides.merged().empty());  // the fleet knows it, too, from now on
  CHECK(must(sides.fleet.host_keys.of(sides.fleet.backend_named("be1"))).front().first_seen_at == 5);
  must(sides.fleet.host_keys.forget(sides.fleet.backend_named("be1")));
  learn(sides.fleet, "another");
  CHECK(sides.collisions() == Texts{"backend:be1 known host key", "container:alice/web backend"});
  CHECK(sides.collisions({}, {{"fleet", "backend:be1"}}).empty());
  CHECK(sides.merged({}, {{"mine", "backend:be1"}}) == Texts{});
  const auto known = must(sides.fleet.host_keys.of(sides.fleet.backend_named("be1")));
  REQUIRE(known.size() == 1);
  CHECK(known.front().blob == blob("one"));
}

TEST_CASE("merge: CAs of hosts, their names, and bans come along") {
  TwoSides sides(kSite, kVersion);
  must(sides.here.host_cas.put({.blob = blob("ca"), .hosts = "*.example", .comment = "", .added_at = 1}));
  must(sides.here.host_cas.set_alias(sides.here.backend_named("be1"), "be1.example"));
  must(store::Bans(sides.here.database).put({.network = "192.0.2.0/24", .actor = "root", .since = 1}));
  const auto ca = "host-ca:" + transport::fingerprint(blob("ca"));
  CHECK(sides.merged() == Texts{"add user alice", "add backend be1", "add container alice/web",
                                "add host-ca " + ca.substr(8), "add ban 192.0.2.0/24"});
  CHECK(must(sides.fleet.host_cas.alias_of(sides.fleet.backend_named("be1"))) == "be1.example");
  CHECK(sides.collisions().empty());
  CHECK(sides.merged().empty());
  must(sides.fleet.host_cas.put({.blob = blob("ca"), .hosts = "*", .comment = "", .added_at = 1}));
  must(store::Bans(sides.fleet.database)
           .put({.network = "192.0.2.0/24", .actor = "root", .since = 1, .expires_at = 2'000'000}));
  CHECK(sides.collisions() == Texts{ca + " hosts", "ban:192.0.2.0/24 until"});
  CHECK(sides.merged({}, {{"fleet", ca}, {"mine", "ban:192.0.2.0/24"}}) == Texts{"add ban 192.0.2.0/24"});
}

// Whoever is certified there would be let in here.
TEST_CASE("merge: a CA for users comes along only where an administrator says so, and what is revoked always") {
  const auto users = kVersion + "users: [{name: alice}]\n";
  TwoSides sides(users, users);
  const auto key = must(transport::parse_public_key(kFirst)).key.blob;
  const auto other = must(transport::parse_public_key(kSecond)).key.blob;
  const store::Ca corp{.name = "corp", .blob = key, .principals = "user,ops-*=alice", .roles = "user", .comment = "c"};
  must(store::Cas(sides.here.database).add(corp));
  const auto what = "ca:" + transport::fingerprint(corp.blob);
  const store::Revocation lost{.kind = store::Revocation::Kind::serial, .ca = corp.blob, .value = "7", .added_at = 1};
  CHECK(must(store::Revocations(sides.here.database).add(lost)));
  CHECK(sides.collisions() == Texts{what + " principals, roles"});
  CHECK(sides.suggestion() == " --keep fleet " + what);
  CHECK(sides.merged({}, {{"fleet", what}}) == Texts{"add revocation serial 7"});
  CHECK(must(store::Cas(sides.fleet.database).all()).empty());
  CHECK(sides.merged({}, {{"fleet", what}}).empty());

  // Its rules name users as they are called there.
  CHECK(sides.merged({"user:alice=alice-two"}, {{"mine", what}}) == Texts{"add user alice-two", "add ca corp"});
  CHECK(must(store::Cas(sides.fleet.database).find("corp"))->principals == "user,ops-*=alice-two");
  CHECK(must(store::Cas(sides.fleet.database).find("corp"))->roles == "user");
  CHECK(sides.collisions({"user:alice=alice-two"}).empty());
  CHECK(sides.collisions() == Texts{what + " principals"});

  CHECK(must(store::Cas(sides.fleet.database).remove("corp")));
  must(store::Cas(sides.fleet.database).add({.name = "corp", .blob = other, .principals = "user"}));
  CHECK(sides.collisions() == Texts{what + " principals, roles, CA called corp"});
  CHECK_FALSE(sides.plan().collisions.front().can_keep_mine);
}

TEST_CASE("merge: resolutions are about something, and make one of two nowhere") {
  TwoSides sides(kVersion + fmt::format("users: [{{name: alice}}, {{name: bob}}]\n"), kVersion);
  const auto fails = [&](const Texts& renames, const Keeps& keeps) {
    const auto resolutions = parse_resolutions(renames, keeps);
    if (!resolutions) return resolutions.error().text;
    return refused(plan_merge(sides.here.whole(), sides.fleet.whole(), *resolutions));
  };
  CHECK(fails({"user:carol=carla"}, {}) == "--rename user:carol=carla: there is no user:carol on this bastion");
  CHECK(fails({"user:alice=bob"}, {}) == "user:alice and user:bob would both be bob in the fleet");
  CHECK(fails({"user:alice=9alice"}, {}).starts_with("--rename user:alice=9alice: \"9alice\" cannot be a name"));
  CHECK(fails({"user:alice"}, {}) == "--rename user:alice: write user:alice=NEW");
  CHECK(fails({"ban:192.0.2.1=x"}, {}) == "--rename ban:192.0.2.1=x: a ban cannot be renamed");
  CHECK(fails({"alice=x"}, {}).starts_with("\"alice\" names nothing"));
  CHECK(fails({}, {{"ours", "user:alice"}}) == "--keep ours user:alice: it is fleet, mine or both");
  CHECK(fails({}, {{"both", "backend:be1"}}).contains("only a user's keys"));
  CHECK(fails({}, {{"mine", "user:alice"}, {"fleet", "user:alice"}}) == "--keep names user:alice twice");
}

// Whoever adds a table that all bastions have in common sees to it that it comes along: in whole_directory.h, or in the
// document.
TEST_CASE("merge: every table that all have in common comes along") {
  const std::set<std::string> taken{"users",
                                    "user_keys",
                                    "backends",
                                    "containers",
                                    "shares",
                                    "host_keys",
                                    "refused_host_keys",
                                    "host_cas",
                                    "host_key_aliases",
                                    "certified_hosts",
                                    "bans",
                                    "cas",
                                    "revocations",
                                    "totp",
                                    "recovery_codes",
                                    "sign_ons",     // not: whoever comes along signs on again
                                    "invitations",  // who has one is invited again
                                    "user_groups",
                                    "group_members",
                                    "group_shares",
                                    "backend_groups",
                                    "passwords"};
  for (const auto* const table : store::fleet::Replica::shared_tables()) CHECK_MESSAGE(taken.contains(table), table);
}

}  // namespace bastion::admin
