// The commands about containers, and about what others stand on.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::host_key_of;
using test::must;

TEST_CASE("what was added is listed and shown, as text and as JSON") {
  AdminWorld world;
  world.furnished();
  CHECK(world.done("container list") ==
        "NAME  OWNER  BACKEND  ADDRESS         LOGIN  DEFAULT  STATE  SEEN\n"
        "web   alice  be1      10.0.3.100:22   alice  yes      -      -\n"
        "web   bob    far      [fd00::1]:2222  root   yes      -      -\n");
  CHECK(world.done("container list --owner bob").find("alice") == std::string::npos);
  CHECK(world.json("container list --backend be1").size() == 1);
  CHECK(world.json("user show alice")["keys"][0]["comment"] == "alice@laptop");
  CHECK(world.json("user show alice")["containers"][0]["name"] == "web");
  CHECK(world.json("backend show far")["via"] == "be1");
  CHECK(world.json("backend show far")["capacity"] == 30);
  CHECK(world.json("backend list")[1]["address"] == "be3.example:2022");
  CHECK(world.json("container show bob/web")["host_key"].is_null());
  CHECK(world.json("user list")[0]["containers"] == 1);
}

TEST_CASE("who gets a second container is said to have to choose, unless one of the two is the default") {
  AdminWorld world;
  world.furnished();
  const std::string add = "container add db --owner bob --backend be1 --address 10.0.3.7";
  SUBCASE("no default") {
    CHECK(world.done(add) ==
          "container bob/db added; bob has two containers now and no default: ssh bob@… asks which one, and without a "
          "terminal is refused; container set bob/web --default leads there again\n");
    CHECK(world.done("container add log --owner bob --backend be1 --address 10.0.3.8") == "container bob/log added\n");
  }
  SUBCASE("the new one") { CHECK(world.done(add + " --default") == "container bob/db added\n"); }
  SUBCASE("the one before") {
    world.done("container set bob/web --default");
    CHECK(world.done(add) == "container bob/db added\n");
  }
}

TEST_CASE("the route of a login, hop by hop") {
  AdminWorld world;
  world.furnished();
  CHECK(world.done("route bob") ==
        "STEP       NAME  ADDRESS           LOGIN\n"
        "hop        be1   10.1.1.11:22      hop\n"
        "hop        far   be3.example:2022  hop\n"
        "container  web   [fd00::1]:2222    root\n");
  CHECK(world.refused("route alice+db") == "alice would be told: you have no container named db\n");
  CHECK(world.refused("route carol") == "there is no user carol\n");
  CHECK(world.misused("route alice+") ==
        "\"alice+\" is no login: it is a user, user+container or user+owner/container");
}

TEST_CASE("what others stand on is not taken away, and the sentence says what is in the way") {
  AdminWorld world;
  world.furnished();
  CHECK(world.refused("user remove alice") == "user alice still owns alice/web: --yes removes that too\n");
  CHECK(world.refused("backend remove far") == "backend far still has bob/web: --yes removes that too\n");
  CHECK(world.refused("backend remove be1 --yes") == "backend be1 is the way to far: remove that first\n");
  world.done("container share alice/web bob");
  CHECK(world.refused("container remove alice/web") ==
        "container alice/web is shared with bob: --yes removes it for them too\n");
  world.done("container unshare alice/web bob");
  world.done("container remove alice/web");
  world.done("user remove alice");
  world.done("container remove web");
  world.done("backend remove far");
  world.done("backend remove be1");
}

TEST_CASE("what goes with something that is removed is said, and stands in the audit") {
  AdminWorld world;
  world.furnished();
  world.done("container add db --owner alice --backend be1 --address 10.0.3.101");
  CHECK(world.done("user remove alice --yes") == "user alice removed, and alice/db, alice/web with it\n");
  CHECK(must(world.audit.latest(1)).front().subject == "alice and alice/db, alice/web");
  CHECK(world.done("backend remove far --yes") == "backend far removed, and bob/web with it\n");
  CHECK(world.json("container list").empty());
}

TEST_CASE("a container is shared, for a time or for good, and taken back") {
  AdminWorld world;
  world.furnished();
  CHECK(world.done("container share alice/web bob --expires 12h") ==
        "container alice/web shared with bob until 1970-01-13T01:46:40Z: ssh bob+alice+web@…\n");
  CHECK(must(world.audit.latest(1)).front().subject == "alice/web bob");
  const auto shares = [&] { return world.json("container show alice/web")["shares"]; };
  REQUIRE(shares().size() == 1);
  CHECK(shares()[0]["user"] == "bob");
  CHECK(shares()[0]["state"] == "open");
  CHECK(world.json("user show bob")["containers"].size() == 2);
  world.context.now += 13 * 3600;
  CHECK(shares()[0]["state"] == "ended");
  CHECK(world.json("user show bob")["containers"].size() == 1);
  world.done("container share alice/web bob");
  CHECK(shares()[0]["expires"].is_null());
  CHECK(world.done("container unshare alice/web bob") == "container alice/web is no longer shared with bob\n");
  CHECK(shares().empty());
  CHECK(world.refused("container unshare alice/web bob") == "container alice/web is not shared with bob\n");
  CHECK(world.refused("container share alice/web alice") == "container alice/web is alice's own\n");
  CHECK(world.refused("container share alice/web carol") == "there is no user carol\n");
  CHECK(world.refused("container share alice/web bob --expires 1970-01-01").find("is past") != std::string::npos);
}

TEST_CASE("a container moves: a learned host key stays behind, a pinned one goes along") {
  AdminWorld world;
  world.furnished();
  const auto web = must(world.containers.named("web")).front();
  const auto owner = store::HostKeyOwner::of_container(web.id);
  must(world.host_keys.learn(owner, test::blob("learned"), 1));
  CHECK(world.done("container move alice/web --backend far --address 10.0.3.7:2200") ==
        "container alice/web moved to 10.0.3.7:2200 on backend far; the host key it presents there at the next login "
        "is remembered\n");
  CHECK_FALSE(host_key_of(world.host_keys, owner));
  CHECK(world.json("container show alice/web")["address"] == "10.0.3.7:2200");
  CHECK(world.json("container show alice/web")["backend"] == "far");
  CHECK(world.json("container show alice/web")["default"] == true);

  must(world.host_keys.pin(owner, test::blob("pinned"), 1));
  CHECK(world.done("container move alice/web --backend be1 --address 10.0.3.7") ==
        "container alice/web moved to 10.0.3.7:22 on backend be1\n");
  CHECK(host_key_of(world.host_keys, owner)->blob == test::blob("pinned"));
  CHECK(world.done("container move alice/web --backend be1 --address 10.0.3.7") ==
        "container alice/web was at 10.0.3.7:22 on backend be1 already\n");
  world.done("container set alice/web --login root");
  CHECK(world.refused("container move alice/web --backend far --address [fd00::1]:2222") ==
        "root at fd00::1 port 2222 on backend far is container bob/web already\n");
}

TEST_CASE("two accounts in one machine are two containers, and agree on its host key") {
  AdminWorld world;
  world.furnished();
  const auto key_of = [&](const std::string& name) {
    return world.json("container show " + name)["host_key"].get<std::string>();
  };
  world.done("container add box --owner alice --backend be1 --address Box.example. --host-key KEY");
  world.done("container add box --owner bob --backend be1 --address box.example");
  CHECK(world.json("container show bob/box")["address"] == "box.example:22");
  CHECK(key_of("bob/box") == key_of("alice/box"));
  CHECK(world.refused("container add more --owner bob --backend be1 --address box.example --login root --host-key KEY2")
            .starts_with("this machine is known already, with the host key SHA256:"));
  world.done("container set bob/box --host-key KEY2");
  CHECK(key_of("alice/box") == key_of("bob/box"));
  CHECK(world.refused("container set bob/box --login alice") ==
        "alice at box.example port 22 on backend be1 is container alice/box already\n");

  // The machine moves, and its accounts one after the other.
  world.done("container move alice/box --backend far --address 10.0.3.8");
  CHECK(world.done("container move bob/box --backend far --address 10.0.3.8") ==
        "container bob/box moved to 10.0.3.8:22 on backend far\n");
  CHECK(key_of("alice/box") == key_of("bob/box"));
}

TEST_CASE("a container does not move to where its pinned host key is another one") {
  AdminWorld world;
  world.furnished();
  world.done("container add one --owner alice --backend be1 --address 10.0.3.8 --host-key KEY");
  world.done("container add two --owner bob --backend be1 --address 10.0.3.9 --host-key KEY2");
  CHECK(world.refused("container move one --backend be1 --address 10.0.3.9")
            .starts_with("the machine there is known with another host key than the one that is pinned, SHA256:"));
  CHECK(world.json("container show one")["address"] == "10.0.3.8:22");
  world.done("container move one --backend be1 --address 10.0.3.9 --host-key KEY2");
}

TEST_CASE("a container is changed") {
  AdminWorld world;
  world.furnished();
  world.done("container add db --owner alice --backend be1 --address 10.0.3.101");
  const auto is_default = [&](const char* name) {
    return world.json(std::string("container show ") + name)["default"].get<bool>();
  };
  CHECK(is_default("alice/web"));
  CHECK_FALSE(is_default("alice/db"));
  CHECK(world.done("container set db --default --login root") == "container alice/db changed\n");
  CHECK(is_default("alice/db"));
  CHECK_FALSE(is_default("alice/web"));
  CHECK(world.json("container show db")["login"] == "root");
  world.done("container set db --no-default");
  CHECK_FALSE(is_default("alice/db"));
  CHECK_FALSE(is_default("alice/web"));
  CHECK(world.refused("container set db --default --no-default") ==
        "--default and --no-default are mutually exclusive\n");
}

TEST_CASE("an address that is the host's as well is warned of") {
  AdminWorld world;
  world.furnished();
  const std::string add = "container add pub --owner alice --backend be1 --address ";
  CHECK(world.type(add + "127.0.0.1:2201").err.contains("only port 2201 leads to the container"));
  CHECK(world.type("container set alice/pub --login root").err.contains("only port 2201 leads to the container"));
  CHECK(world.type("container move alice/pub --backend be1 --address fe80::1").err.contains("only port 22 leads to"));
  CHECK(world.type("container move alice/pub --backend be1 --address 10.0.3.7").err.empty());
  CHECK(world.type("container set alice/pub --login alice").err.empty());
}

TEST_CASE("what is legacy is so by an administrator's word, stays so, and is in the audit") {
  AdminWorld world;
  world.furnished();
  const auto audited = [&] { return must(world.audit.latest(1)).front().subject; };
  for (const auto* const what : {"container show alice/web", "backend show be1"}) {
    CHECK(world.json(what)["legacy"] == false);
  }
  world.done("container set alice/web --legacy");
  CHECK(audited() == "alice/web --legacy");
  world.done("container set alice/web --login root");
  CHECK(audited() == "alice/web");
  world.done("container move alice/web --backend be1 --address 10.0.3.109");
  CHECK(world.json("container show alice/web")["legacy"] == true);
  world.done("container set alice/web --no-legacy");
  CHECK(audited() == "alice/web --no-legacy");
  CHECK(world.json("container show alice/web")["legacy"] == false);
  CHECK(world.refused("container set alice/web --legacy --no-legacy") ==
        "--legacy and --no-legacy are mutually exclusive\n");

  world.done("backend set be1 --legacy");
  CHECK(audited() == "be1 --legacy");
  world.done("backend set be1 --capacity 3");
  CHECK(world.json("backend show be1")["legacy"] == true);
  world.done("backend add be7 10.1.1.17 --login hop --legacy");
  CHECK(world.json("backend show be7")["legacy"] == true);
  world.done("container add old --owner alice --backend be7 --address 10.0.3.107 --legacy");
  CHECK(audited() == "alice/old --legacy");
  CHECK(world.json("container show alice/old")["legacy"] == true);
}

TEST_CASE("what the bastion logs in with is said by an administrator, stays so, and is in the audit") {
  AdminWorld world;
  world.furnished();
  const auto audited = [&] { return must(world.audit.latest(1)).front().subject; };
  for (const auto* const what : {"container show alice/web", "backend show be1"}) {
    CHECK(world.json(what)["identity"] == "key");
  }
  world.done("container set alice/web --identity certificate");
  CHECK(audited() == "alice/web --identity certificate");
  world.done("container set alice/web --login root");
  CHECK(audited() == "alice/web");
  CHECK(world.json("container show alice/web")["identity"] == "certificate");
  world.done("container set alice/web --identity key");
  CHECK(world.json("container show alice/web")["identity"] == "key");
  world.done("backend set be1 --identity certificate --legacy");
  CHECK(audited() == "be1 --legacy --identity certificate");
  CHECK(world.json("backend show be1")["identity"] == "certificate");
  world.done("backend add be7 10.1.1.17 --login hop --identity certificate");
  CHECK(world.json("backend show be7")["identity"] == "certificate");
  world.done("container add new --owner alice --backend be7 --address 10.0.3.107 --identity certificate");
  CHECK(audited() == "alice/new --identity certificate");
  CHECK(world.json("container show alice/new")["identity"] == "certificate");
  world.done("container set alice/web --identity agent");
  CHECK(audited() == "alice/web --identity agent");
  CHECK(world.json("container show alice/web")["identity"] == "agent");
  CHECK(world.type("backend set be1 --identity agent")
            .err.find("a backend carries all of its users: its identity is key or certificate") != std::string::npos);
  CHECK(world.type("container set alice/web --identity both")
            .err.find("there is no identity \"both\": it is key, certificate or agent") != std::string::npos);
}

TEST_CASE("a new container is placed where there is most room") {
  AdminWorld world;
  world.done("user add alice");
  CHECK(world.refused("container add a --owner alice --auto-place --address 10.0.3.1") ==
        "there is no active backend to put it on\n");
  world.done("backend add be1 h --login hop --capacity 1");
  world.done("backend add be2 h --login hop --capacity 2");
  CHECK(world.done("container add a --owner alice --auto-place --address 10.0.3.1") ==
        "container alice/a added on backend be1\n");
  CHECK(world.done("container add b --owner alice --auto-place --address 10.0.3.1 --default") ==
        "container alice/b added on backend be2\n");
  using State = upstream::Reachability::State;
  const auto first = must(world.backends.get("be1")).id;
  const auto second = must(world.backends.get("be2")).id;
  world.context.snapshot.reachability = {{.backend = second, .state = State::unreachable}};
  CHECK(world.refused("container add c --owner alice --auto-place --address 10.0.3.2") ==
        "every active backend that can be reached is full; not reached: be2\n");
  world.context.snapshot.reachability->push_back({.backend = first, .state = State::unreachable});
  CHECK(world.refused("container add c --owner alice --auto-place --address 10.0.3.2") ==
        "no active backend can be reached: be1, be2\n");
  world.context.snapshot.reachability.reset();
  world.done("backend drain be2");
  CHECK(world.refused("container add c --owner alice --auto-place --address 10.0.3.2") ==
        "every active backend is full\n");
}

TEST_CASE("thirty, twenty-five and thirty-five containers: the next goes where it has to") {
  struct Row {
    std::vector<std::string> unreachable;
    std::string drained;
    std::int64_t more_on_second;
    std::string placed;
  };
  const std::vector<Row> rows{
      {{}, "", 0, "be2"},         {{"be2"}, "", 0, "be1"}, {{"be1", "be2"}, "", 0, "be3"}, {{}, "be2", 0, "be1"},
      {{"be1"}, "be2", 0, "be3"}, {{}, "", 5, "be1"},      {{"be1"}, "", 10, "be2"},
  };
  for (const auto& row : rows) {
    AdminWorld world;
    world.user("alice");
    const std::map<std::string, std::int64_t> counts{{"be1", 30}, {"be2", 25 + row.more_on_second}, {"be3", 35}};
    world.context.snapshot.reachability->clear();
    for (const auto& [name, count] : counts) {
      const auto id = world.backend(name);
      const bool is_down = std::ranges::find(row.unreachable, name) != row.unreachable.end();
      world.context.snapshot.reachability->push_back(
          {.backend = id,
           .state = is_down ? upstream::Reachability::State::unreachable : upstream::Reachability::State::reachable});
      for (std::int64_t i = 0; i < count; ++i) {
        world.container("alice", name + "-" + std::to_string(i), name, "10.0.3." + std::to_string(i + 1));
      }
    }
    if (!row.drained.empty()) world.done("backend drain " + row.drained);
    CAPTURE(row.placed);
    CHECK(world.done("container add new --owner alice --auto-place --address 10.0.4.1") ==
          "container alice/new added on backend " + row.placed + "\n");
  }
}

TEST_CASE("a removal that takes more with it asks where it can, and is written down when it is refused") {
  AdminWorld world;
  world.furnished();
  const auto refusals = [&] {
    return std::ranges::count(must(world.audit.latest(100)), "refused", &store::AuditEntry::outcome);
  };
  CHECK(world.type("user remove alice").question == "Remove alice and alice/web? (y/N) ");
  CHECK(refusals() == 1);
  world.context.can_be_asked = true;
  CHECK(world.type("user remove alice").question == "Remove alice and alice/web? (y/N) ");
  CHECK(refusals() == 1);
  CHECK(world.type("user remove nobody").question.empty());
  CHECK(refusals() == 2);
}

}  // namespace bastion::admin
