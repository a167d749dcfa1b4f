// What has come to a source from another one.
#include "bastion/follow/arrivals.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <vector>

#include "bastion/follow/put.h"
#include "store/sightings.h"
#include "store/sources.h"
#include "tests/support/small_world.h"

namespace bastion::follow {
namespace {

using store::HostKeyOwner;
using test::blob;
using test::must;
using Texts = std::vector<std::string>;

Instance running(std::string name, std::string address, std::string project = "default") {
  Instance instance{.name = std::move(name), .project = std::move(project), .location = "none", .status = "Running"};
  instance.cards = {{.name = "eth0", .is_of_profile = true, .address = address}};
  instance.addresses = {address};
  return instance;
}

// be1 and be2 have daemons that know nothing of each other.
struct TwoSources : test::SmallWorld {
  TwoSources() {
    user("alice");
    user("bob");
    first = backend("be1");
    second = backend("be2");
    web = container("alice", "web", "be1", "10.0.3.5");
    must(host_keys.learn(HostKeyOwner::of_container(web), blob("key of web"), 7));
    must(sources.set(first, "incus every=60"));
    must(sources.set(second, "incus every=60"));
    must(put(database, first, {running("web", "10.0.3.5")}, kNow));
  }

  // be1 does not list it any more.
  void leaves() { must(put(database, first, {}, kNow + 1)); }
  // be2 lists these, and is asked for the host keys of newcomers.
  Report comes(const std::vector<Instance>& listed, const std::vector<std::string>& shown,
               const std::string& why = {}) {
    auto report = must(put(database, second, listed, kNow + 2));
    std::vector<Proof> proofs;
    for (const auto& newcomer : report.newcomers) {
      proofs.push_back({.instance = newcomer, .host_keys = {}, .why = why});
      for (const auto& key : shown) proofs.back().host_keys.push_back(blob(key));
    }
    newcomers = proofs.size();
    return must(put_arrivals(database, second, proofs, kNow + 2));
  }
  std::string place(std::string_view name = "web") {
    const auto one = must(containers.named(name)).front();
    return one.backend_name + "/" + one.place();
  }
  std::string said() {
    const auto one = must(sightings.of_container(web));
    return one ? fmt::format("{}{}{}", one->state, one->drift.empty() ? "" : ": ", one->drift) : "-";
  }

  store::Sources sources{database};
  store::Sightings sightings{database};
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::int64_t web = 0;
  std::size_t newcomers = 0;
};

}  // namespace

TEST_CASE("arrivals: one that is gone and is listed elsewhere with its host key moves, with its keys") {
  TwoSources world;
  world.leaves();
  CHECK(world.said() == "gone");
  const auto report = world.comes({running("web", "10.0.3.7")}, {"another key", "key of web"});
  CHECK(world.place() == "be2/10.0.3.7:22");
  CHECK(world.said() == "running");
  REQUIRE(report.moved.size() == 1);
  CHECK(report.moved.front().what == "from be1/10.0.3.5:22 to be2/10.0.3.7:22");
  CHECK(report.places == std::vector{world.web});
  const auto keys = must(world.host_keys.of(HostKeyOwner::of_container(world.web)));
  REQUIRE(keys.size() == 1);
  CHECK(keys.front().blob == blob("key of web"));
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.actor + " " + row.action + " " + row.detail ==
        "source be2 container move from=be1/10.0.3.5:22 to=be2/10.0.3.7:22");
  // From then on it is that source's.
  must(put(world.database, world.first, {}, TwoSources::kNow + 3));
  CHECK(world.said() == "running");
  must(put(world.database, world.second, {}, TwoSources::kNow + 3));
  CHECK(world.said() == "gone");
}

TEST_CASE("arrivals: what is listed where it was is not looked for elsewhere") {
  TwoSources world;
  world.comes({running("web", "10.0.3.7")}, {"key of web"});
  CHECK(world.newcomers == 0);
  CHECK(world.place() == "be1/10.0.3.5:22");
}

TEST_CASE("arrivals: another one of that name is said and left alone") {
  TwoSources world;
  world.leaves();
  const auto report = world.comes({running("web", "10.0.3.7")}, {"another key"});
  CHECK(world.said() == "gone: be2 lists an instance of that name, which is another one: it has another host key");
  REQUIRE(report.drifts.size() == 1);
  CHECK(report.drifts.front().container == "alice/web");
  // Said once, as long as it is so, and not any more when it is not.
  CHECK(world.comes({running("web", "10.0.3.7")}, {"another key"}).drifts.empty());
  must(put(world.database, world.first, {}, TwoSources::kNow + 3));
  CHECK(world.said().starts_with("gone: be2"));
  world.comes({}, {});
  CHECK(world.said() == "gone");
  CHECK(world.place() == "be1/10.0.3.5:22");
}

TEST_CASE("arrivals: where its host key cannot be told it stays") {
  TwoSources world;
  world.leaves();
  SUBCASE("the backend does not say it") {
    world.comes({running("web", "10.0.3.7")}, {}, "its backend has no bastion-instances");
    CHECK(world.said() ==
          "gone: be2 lists an instance of that name; whether it is this one cannot be told: its backend has no "
          "bastion-instances");
  }
  SUBCASE("nobody has seen it") {
    must(world.host_keys.forget(HostKeyOwner::of_container(world.web)));
    world.comes({running("web", "10.0.3.7")}, {"key of web"});
    CHECK(
        world.said() ==
        "gone: be2 lists an instance of that name; whether it is this one cannot be told, because no host key of this "
        "one is known");
  }
  CHECK(world.place() == "be1/10.0.3.5:22");
}

TEST_CASE("arrivals: of several that could be it none is") {
  TwoSources world;
  SUBCASE("two there are one another's copy") {
    world.leaves();
    world.comes({running("web", "10.0.3.7"), running("web", "10.0.3.8", "other")}, {"key of web"});
    CHECK(world.said() == "gone: be2 lists an instance of that name; several there have its host key");
  }
  SUBCASE("two that are gone have that key") {
    const auto other = world.container("bob", "web", "be1", "10.0.3.6");
    must(world.host_keys.pin(HostKeyOwner::of_container(other), blob("key of web"), 7));
    must(put(world.database, world.first, {running("web", "10.0.3.5"), running("web", "10.0.3.6", "other")},
             TwoSources::kNow));
    world.leaves();
    world.comes({running("web", "10.0.3.7")}, {"key of web"});
    CHECK(world.said() ==
          "gone: be2 lists an instance of that name; others that are not listed any more have its host key too");
  }
  CHECK(world.place() == "be1/10.0.3.5:22");
}

TEST_CASE("arrivals: of two of one name the host key says which has come") {
  TwoSources world;
  const auto other = world.container("bob", "web", "be1", "10.0.3.6");
  must(world.host_keys.pin(HostKeyOwner::of_container(other), blob("bob's key"), 7));
  must(put(world.database, world.first, {running("web", "10.0.3.5"), running("web", "10.0.3.6", "other")},
           TwoSources::kNow));
  world.leaves();
  const auto report = world.comes({running("web", "10.0.3.7")}, {"bob's key"});
  REQUIRE(report.moved.size() == 1);
  CHECK(report.moved.front().container == "bob/web");
  CHECK(world.said() == "gone: be2 lists an instance of that name, which is another one: it has another host key");
}

TEST_CASE("arrivals: nobody is put where somebody is, nor where the owner is not served") {
  TwoSources world;
  world.leaves();
  SUBCASE("taken") {
    world.container("bob", "db", "be2", "10.0.3.7");
    world.comes({running("web", "10.0.3.7")}, {"key of web"});
    CHECK(world.said() ==
          "gone: be2 lists an instance of that name, which is this one, at 10.0.3.7 on backend be2, where bob/db is "
          "already");
  }
  SUBCASE("for others") {
    world.group("ops", {"bob"});
    must(world.groups.set_backend(world.second, {"ops"}));
    world.comes({running("web", "10.0.3.7")}, {"key of web"});
    CHECK(world.said() ==
          "gone: be2 lists an instance of that name, which is this one, and backend be2 does not serve its owner");
  }
  CHECK(world.place() == "be1/10.0.3.5:22");
}

TEST_CASE("arrivals: every account of a machine comes along") {
  TwoSources world;
  must(world.containers.add(world.describe("bob", "also", "be1", "10.0.3.5")));
  must(put(world.database, world.first, {running("web", "10.0.3.5")}, TwoSources::kNow));
  world.leaves();
  CHECK(world.comes({running("web", "10.0.3.7")}, {"key of web"}).moved.size() == 2);
  CHECK(world.place("also") == "be2/10.0.3.7:22");
}

TEST_CASE("arrivals: one that has a namesake there, or does not run, is no newcomer") {
  TwoSources world;
  world.leaves();
  auto stopped = running("web", "10.0.3.7");
  stopped.status = "Stopped";
  world.comes({stopped}, {"key of web"});
  CHECK(world.newcomers == 0);
  world.container("bob", "web", "be2", "10.0.3.9");
  world.comes({running("web", "10.0.3.7")}, {"key of web"});
  CHECK(world.newcomers == 0);
  CHECK(world.place() == "be1/10.0.3.5:22");
}

}  // namespace bastion::follow
