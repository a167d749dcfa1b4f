// What a listing changes in the directory.
#include "bastion/follow/put.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bastion/follow/told.h"
#include "store/sightings.h"
#include "store/sources.h"
#include "tests/support/small_world.h"

namespace bastion::follow {
namespace {

using store::HostKeyOwner;
using test::blob;
using test::must;
using Texts = std::vector<std::string>;

Instance at(std::string name, std::string address, std::string location = "none") {
  return {.name = std::move(name),
          .project = "default",
          .location = std::move(location),
          .status = "Running",
          .cards = {{.name = "eth0", .is_of_profile = true, .address = address}},
          .addresses = {address}};
}

struct FollowedWorld : test::SmallWorld {
  FollowedWorld() {
    user("alice");
    user("bob");
    first = backend("be1");
    second = backend("be2");
    web = container("alice", "web", "be1", "10.0.3.5");
    must(sources.set(first, "incus every=60 map=node1=be1 map=node2=be2"));
  }

  Report hears(const std::vector<Instance>& listed, std::int64_t now = kNow) {
    return must(put(database, first, listed, now));
  }
  std::string place(const std::string& owner, const std::string& name) {
    for (const auto& one : must(containers.all())) {
      if (one.full_name() == owner + "/" + name) return one.backend_name + "/" + one.place();
    }
    return {};
  }
  Texts audited() {
    Texts rows;
    for (const auto& row : must(audit.latest(100))) {
      rows.push_back(fmt::format("{}: {} {} {}", row.actor, row.action, row.subject, row.detail));
    }
    return rows;
  }
  std::string state(std::int64_t container) {
    const auto one = must(sightings.of_container(container));
    return one ? fmt::format("{} {}", one->state, one->seen_at - kNow) : "-";
  }

  store::Sources sources{database};
  store::Sightings sightings{database};
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int64_t web = 0;
};

}  // namespace

TEST_CASE("follow: a move is a change with a row in the audit, and once") {
  FollowedWorld world;
  const auto report = world.hears({at("web", "10.0.3.7")});
  CHECK(world.place("alice", "web") == "be1/10.0.3.7:22");
  REQUIRE(report.moved.size() == 1);
  CHECK(report.moved.front().what == "from be1/10.0.3.5:22 to be1/10.0.3.7:22");
  CHECK(report.places == std::vector{world.web});
  const Texts once{"source be1: container move alice/web from=be1/10.0.3.5:22 to=be1/10.0.3.7:22"};
  CHECK(world.audited() == once);
  CHECK(world.hears({at("web", "10.0.3.7")}).moved.empty());
  CHECK(world.audited() == once);
  CHECK(world.hears({at("web", "10.0.3.7", "node2")}).moved.size() == 1);
  CHECK(world.place("alice", "web") == "be2/10.0.3.7:22");
}

TEST_CASE("follow: host keys go along, and the place that was left has none") {
  FollowedWorld world;
  const auto owner = HostKeyOwner::of_container(world.web);
  SUBCASE("one that was learned") { must(world.host_keys.learn(owner, blob("hers"), 7)); }
  SUBCASE("one that is pinned") { must(world.host_keys.pin(owner, blob("hers"), 7)); }
  const auto before = must(world.host_keys.of(owner));
  world.hears({at("web", "10.0.3.7", "node2")});
  const auto after = must(world.host_keys.of(owner));
  REQUIRE(after.size() == 1);
  CHECK(after.front().blob == before.front().blob);
  CHECK(after.front().origin == before.front().origin);
  const auto next = world.container("bob", "next", "be1", "10.0.3.5");
  CHECK(must(world.host_keys.of(HostKeyOwner::of_container(next))).empty());
}

TEST_CASE("follow: two that change places keep each its own host key") {
  FollowedWorld world;
  auto db = world.describe("alice", "db", "be1", "10.0.3.6");  // the same account
  const auto other = must(world.containers.add(db));
  must(world.host_keys.learn(HostKeyOwner::of_container(world.web), blob("web's"), 7));
  must(world.host_keys.learn(HostKeyOwner::of_container(other), blob("db's"), 7));
  CHECK(world.hears({at("web", "10.0.3.6"), at("db", "10.0.3.5")}).moved.size() == 2);
  CHECK(world.place("alice", "web") == "be1/10.0.3.6:22");
  CHECK(world.place("alice", "db") == "be1/10.0.3.5:22");
  for (const auto& [id, key] : {std::pair{world.web, "web's"}, {other, "db's"}}) {
    const auto known = must(world.host_keys.of(HostKeyOwner::of_container(id)));
    REQUIRE(known.size() == 1);
    CHECK(known.front().blob == blob(key));
  }
}

TEST_CASE("follow: what is no longer listed is said once, kept, and said when it is back") {
  FollowedWorld world;
  CHECK(world.hears({}).gone.empty());  // it was never listed
  CHECK(world.state(world.web) == "-");
  world.hears({at("web", "10.0.3.5")}, world.kNow + 10);
  CHECK(world.state(world.web) == "running 10");
  world.hears({at("web", "10.0.3.5")}, world.kNow + 70);
  CHECK(world.state(world.web) == "running 70");
  CHECK(world.hears({}, world.kNow + 130).gone.size() == 1);
  CHECK(world.hears({}, world.kNow + 190).gone.empty());
  CHECK(world.state(world.web) == "gone 70");
  CHECK(world.place("alice", "web") == "be1/10.0.3.5:22");
  CHECK(told_of(world.sightings, world.backends, world.web, world.kNow + 200) ==
        "be1 does not list it any more, for 130 s");
  CHECK(world.hears({at("web", "10.0.3.9")}, world.kNow + 250).back.size() == 1);
  CHECK(world.state(world.web) == "running 250");
  CHECK(world.audited() == Texts{"source be1: container back alice/web ",
                                 "source be1: container move alice/web from=be1/10.0.3.5:22 to=be1/10.0.3.9:22",
                                 "source be1: container gone alice/web "});
}

TEST_CASE("follow: drift is said when it is new") {
  FollowedWorld world;
  world.container("bob", "db", "be1", "10.0.3.6");
  const std::vector listed{at("web", "10.0.3.6")};
  CHECK(world.hears(listed).drifts.size() == 1);
  CHECK(world.hears(listed).drifts.empty());
  CHECK(told_of(world.sightings, world.backends, world.web, world.kNow + 3) ==
        "be1 lists it as running, 3 s ago; it is at 10.0.3.6 on backend be1, where bob/db is already");
  CHECK(world.hears({at("web", "10.0.3.5")}).drifts.empty());
  CHECK(world.audited().empty());
}

TEST_CASE("follow: a source speaks of no other backends than its own") {
  FollowedWorld world;
  world.backend("be3");
  const auto far = world.container("bob", "far", "be3", "10.0.3.5");
  CHECK(world.hears({at("far", "10.0.3.7")}).moved.empty());
  CHECK(world.state(far) == "-");
  SUBCASE("none any more") { must(world.sources.set(world.first, "")); }
  SUBCASE("one that is damaged") {
    must(world.sources.set(world.first, "incus project=$(x)"));
    CHECK_FALSE(put(world.database, world.first, {}, 0));
    return;
  }
  CHECK(world.hears({at("far", "10.0.3.7")}).listed == 0);
}

TEST_CASE("follow: of a backend with a source of its own that one says what is gone") {
  FollowedWorld world;
  const auto db = world.container("bob", "db", "be2", "10.0.3.6");
  world.hears({at("db", "10.0.3.6", "node2")});
  must(world.sources.set(world.second, "incus every=60"));
  CHECK(world.hears({}).gone.empty());
  must(put(world.database, world.second, {}, world.kNow));
  CHECK(world.state(db).starts_with("gone"));
}

TEST_CASE("follow: which source speaks of a backend") {
  FollowedWorld world;
  CHECK(must(source_of(world.sources, world.first, "be1")) == world.first);
  CHECK(must(source_of(world.sources, world.second, "be2")) == world.first);
  must(world.sources.set(world.second, "lxd every=60"));
  CHECK(must(source_of(world.sources, world.second, "be2")) == world.second);
  CHECK_FALSE(must(source_of(world.sources, 99, "be9")));
}

TEST_CASE("follow: that it could not be asked is kept until it could be") {
  FollowedWorld world;
  world.hears({at("web", "10.0.3.5")});
  must(put_failure(world.database, world.first, "it\nhangs"));
  const auto failed = must(world.sightings.listing(world.first));
  REQUIRE(failed);
  CHECK(failed->failure == "it hangs");
  CHECK(failed->listed_at == world.kNow);
  CHECK(told_of(world.sightings, world.backends, world.web, world.kNow) ==
        "be1 lists it as running, 0 s ago; not asked since: it hangs");
  world.hears({at("web", "10.0.3.5")});
  CHECK(must(world.sightings.listing(world.first))->failure.empty());
}

}  // namespace bastion::follow
