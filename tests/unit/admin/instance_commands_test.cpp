// `container create`, `start`, `stop`, `restart` and `delete`, on backends that say what the test says.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/admin/commands/instance.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/machine_resources.h"
#include "tests/support/admin_world.h"
#include "tests/support/recorded_runtime.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using Answers = std::function<Result<probe::Ordered>(const probe::Order&)>;

constexpr const char* kListed =
    R"([{"name": "lab", "status": "Running", "location": "none", "state": {"network": {"eth0": {"host_name": "v",
        "addresses": [{"family": "inet", "scope": "global", "address": "10.0.3.7"}]}}}}])";

bool says(const probe::Order& order, std::string_view verb) {
  return order.words.starts_with("bastion-instances " + std::string(verb));
}

// A backend on which everything goes well.
Result<probe::Ordered> willing(const probe::Order& order) {
  probe::Ordered ordered;
  if (says(order, "list")) ordered.out = kListed;
  if (says(order, "host-key")) ordered.out = std::string(test::kOtherKey) + "\n";
  return ordered;
}

struct InstanceWorld : AdminWorld {
  struct Backends : test::RecordedRuntime {
    void carry_out(const probe::Order& order, const OnOrdered& on_ordered) override {
      orders.push_back(order.backend + ": " + order.words);
      auto answer = reply(order);
      if (!is_about_to_end) on_ordered(std::move(answer));
    }
    Answers reply = willing;
    bool is_about_to_end = false;
    std::vector<std::string> orders;
  };

  InstanceWorld() {
    furnished();
    context.runtime = &backends;
    context.snapshot.sessions = std::vector<session::LiveSession>{};
    context.progress = [this](const std::string& line) { said.push_back(line); };
  }
  // The verbs that were asked for.
  [[nodiscard]] std::string verbs() const {
    std::string all;
    for (const auto& one : backends.orders) {
      const auto words = one.substr(one.find("bastion-instances ") + 18);
      all += (all.empty() ? "" : " ") + words.substr(0, words.find(' '));
    }
    return all;
  }
  void answers(std::string_view verb, std::uint32_t status, std::string complaint = {}) {
    backends.reply = [before = backends.reply, verb = std::string(verb), status,
                      complaint = std::move(complaint)](const probe::Order& order) -> Result<probe::Ordered> {
      if (!says(order, verb)) return before(order);
      return probe::Ordered{.status = status, .out = {}, .complaint = complaint};
    };
  }
  void loses(std::string_view verb) {
    backends.reply = [before = backends.reply, verb = std::string(verb)](const probe::Order& order) {
      return says(order, verb) ? fail("the connection to backend be1 was lost") : before(order);
    };
  }

  Backends backends;
  std::vector<std::string> said;
};

constexpr const char* kCreate = "container create lab --owner alice --backend be1";

}  // namespace

TEST_CASE("a container is made, with the host key that its instance has") {
  InstanceWorld world;
  CHECK(world.done(kCreate) ==
        "container alice/lab created on backend be1 at 10.0.3.7:22, with the host key "
        "SHA256:oIVTIburEfZKUwOmv9YkLGMk4rLhYLrW27NcxmLbxTU\n");
  CHECK(world.verbs() == "create list host-key push-key");
  CHECK(world.json("container show alice/lab")["address"] == "10.0.3.7:22");
  CHECK(world.json("container show alice/lab")["host_key"].get<std::string>().ends_with("(pinned)"));
  CHECK(world.backends.orders[0].ends_with(
      " lab alice ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"));
  CHECK(world.backends.orders[0].starts_with("be1: bastion-instances create --mark "));
  CHECK(world.refused(kCreate) == "alice has a container lab already\n");
}

TEST_CASE("what is to be made is said in words that mean nothing to a shell") {
  InstanceWorld world;
  world.done(std::string(kCreate) +
             " --image images:alpine/3.20 --profile default --profile small --project team --login root --identity "
             "certificate");
  const auto& words = world.backends.orders[0];
  CHECK(
      words.contains(" --image images:alpine/3.20 --profile default --profile small --project team lab root "
                     "cert-authority ssh-ed25519 "));
  for (const auto* wrong : {"--image a;b", "--image -v", "--profile $(id)", "--project a|b", "--within soon"}) {
    CHECK(!world.misused("container create x --owner alice --backend be1 " + std::string(wrong)).empty());
  }
  for (const auto* name : {"a_b", "a.b", "ab-"}) {
    CHECK(world.refused("container create " + std::string(name) + " --owner alice --backend be1")
              .contains("cannot be the name of an instance"));
  }
  CHECK(world.verbs() == "create list host-key push-key");
}

TEST_CASE("what was not made is not removed") {
  InstanceWorld world;
  SUBCASE("another one is called so") {
    world.answers("create", 73, "Error: already exists");
    CHECK(world.refused(kCreate) ==
          "backend be1 has an instance lab already, and it was left alone: import incus takes it over\n");
  }
  SUBCASE("it is not allowed") {
    world.answers("create", 126, "bastion-instances: the name lab is not allowed");
    CHECK(world.refused(kCreate) == "backend be1: bastion-instances: the name lab is not allowed; nothing was made\n");
  }
  SUBCASE("there is no such program") {
    world.answers("create", 127, "sh: bastion-instances: not found");
    CHECK(world.refused(kCreate).starts_with("backend be1 has no bastion-instances, or no Incus and no LXD: "));
  }
  CHECK(world.verbs() == "create");
}

TEST_CASE("what is half done is undone, or named") {
  InstanceWorld world;
  world.answers("push-key", 1, "Error: no space");
  SUBCASE("undone") {
    CHECK(world.refused(kCreate) == "backend be1: Error: no space; the instance lab is removed again\n");
  }
  SUBCASE("named") {
    world.answers("delete", 1, "Error: busy");
    CHECK(
        world.refused(kCreate) ==
        "backend be1: Error: no space; the instance lab may be left on backend be1 (backend be1: Error: busy): `incus "
        "delete --force lab` removes it there\n");
  }
  SUBCASE("whoever could undo it is gone") {
    world.loses("delete");
    CHECK(world.refused(kCreate).contains(
        "may be left on backend be1 (the connection to backend be1 was lost): `incus "));
  }
  CHECK(world.verbs() == "create list host-key push-key delete");
  CHECK(world.backends.orders.back().contains("delete --mark "));
}

TEST_CASE("of one whose making was lost nobody claims that nothing is left") {
  InstanceWorld world;
  world.loses("create");
  world.answers("delete", 69, "there is no instance lab");
  CHECK(
      world.refused(kCreate) ==
      "the connection to backend be1 was lost; whether backend be1 still makes lab cannot be told: if `incus list lab` "
      "shows it there, `incus delete --force lab` removes it\n");
}

TEST_CASE("when the bastion is about to end nobody waits for an answer") {
  InstanceWorld world;
  world.backends.is_about_to_end = true;
  CHECK(world.refused("container start alice/web") == "the bastion is about to end\n");
}

TEST_CASE("where nobody serves nothing can be done on a backend") {
  InstanceWorld world;
  world.context.runtime = nullptr;
  for (const auto* words : {kCreate, "container start alice/web", "container stop alice/web",
                            "container restart alice/web", "container delete alice/web --yes"}) {
    CHECK(world.refused(words).starts_with("no running bastion uses this state directory, so nothing can be done"));
  }
}

TEST_CASE("sessions end before the instance is stopped, those of every account in it") {
  InstanceWorld world;
  world.done("container add root --owner bob --backend be1 --address 10.0.3.100 --login root");
  std::vector<std::string> before;
  world.backends.while_ending = [&] { before = world.backends.orders; };
  const auto leads = [](std::string id, std::string container) {
    session::LiveSession session{};
    session.id = std::move(id);
    session.container = std::move(container);
    return session;
  };
  world.context.snapshot.sessions = std::vector{leads("s1", "alice/web"), leads("s2", "bob/root")};
  CHECK(world.type("container stop alice/web").out == "container alice/web stopped on backend be1; 2 sessions ended\n");
  CHECK(world.backends.ended == std::vector<std::string>{"s1", "s2"});
  CHECK(world.backends.vacated.size() == 2);
  CHECK(before == std::vector<std::string>{"be1: bastion-instances stop --try web"});
  CHECK(world.backends.orders.back() == "be1: bastion-instances stop web");
}

TEST_CASE("an operator starts and stops what no one with a role has or is in") {
  InstanceWorld world;
  world.done("user add root --role admin");
  world.context.role = store::Role::operator_;
  for (const auto* verb : {"start", "stop", "restart"}) world.done("container " + std::string(verb) + " alice/web");
  const auto before = world.verbs();
  CHECK(before == "start stop stop restart restart");
  session::LiveSession session{};
  session.id = "s1";
  session.user = "root";
  session.container = "alice/web";
  world.context.snapshot.sessions = std::vector{session};
  CHECK(world.refused("container stop alice/web") == "only an administrator may end session s1: root has a role\n");
  world.context.snapshot.sessions = std::vector<session::LiveSession>{};
  // One of that name on another backend is another one, unless both are of one cluster.
  world.context.role = store::Role::admin;
  world.done("container add web --owner root --backend far --address 10.0.3.77");
  world.context.role = store::Role::operator_;
  world.done("container start alice/web");
  world.context.role = store::Role::admin;
  world.done("backend set be1 --source incus --map one=be1 --map two=far");
  world.context.role = store::Role::operator_;
  CHECK(world.refused("container restart alice/web") ==
        "only an administrator may change container root/web: it concerns somebody who has a role\n");
  CHECK(world.verbs() == before + " start");
  CHECK(world.backends.ended.empty());
}

TEST_CASE("what may not be stopped keeps its sessions") {
  InstanceWorld world;
  world.answers("stop", 126, "bastion-instances: the name web is not allowed");
  CHECK(world.refused("container stop alice/web") ==
        "backend be1: bastion-instances: the name web is not allowed; nothing was done\n");
  CHECK(world.backends.vacated.empty());
}

TEST_CASE("one that is woken says so when it is stopped") {
  InstanceWorld world;
  world.done("container set alice/web --wake");
  const auto outcome = world.type("container stop alice/web");
  CHECK(outcome.err == "the next login starts it again: container set alice/web --no-wake changes that\n");
}

TEST_CASE("a machine that somebody else has an account in is not deleted") {
  InstanceWorld world;
  world.done("container add root --owner bob --backend be1 --address 10.0.3.100 --login root");
  CHECK(world.refused("container delete alice/web --yes") ==
        "alice/web is a machine that bob/root leads to as well: container remove takes that away first\n");
  CHECK(world.backends.orders.empty());
}

TEST_CASE("where the bastion does not log in it makes nothing") {
  InstanceWorld world;
  world.done("backend add here 10.1.1.1 --login hop --direct");
  world.done("container add box --owner alice --backend here --address 10.1.1.100");
  for (const auto* words :
       {"container start alice/box", "container stop alice/box", "container delete alice/box --yes"}) {
    CHECK(world.refused(words) ==
          "the bastion does not log in to backend here, so it can do nothing to what runs there\n");
  }
  CHECK(world.refused("container create lab --owner alice --backend here") ==
        "the bastion does not log in to backend here (it is --direct), so it can make nothing there\n");
}

TEST_CASE("by memory it goes where most is free, and who does not say is passed over") {
  InstanceWorld world;
  world.done("backend add be2 10.1.1.12 --login hop");
  world.context.place_by = PlaceBy::memory;
  const auto reply = [](const probe::Order& order) -> Result<probe::Ordered> {
    if (!says(order, "resources")) return willing(order);
    if (order.backend == "be2") return probe::Ordered{.status = 1, .out = {}, .complaint = "Error: no"};
    const auto* const used = order.backend == "far" ? "2" : "7";
    return probe::Ordered{.out = R"({"memory": {"total": 8, "used": )" + std::string(used) + "}}", .complaint = {}};
  };
  world.backends.reply = reply;
  CHECK(world.done("container create lab --owner alice --auto-place").contains("created on backend far at "));
  CHECK(std::ranges::count(world.said, "be2 is passed over: backend be2: Error: no") == 1);
  world.answers("resources", 1, "Error: no");
  CHECK(world.refused("container create lab2 --owner alice --auto-place") ==
        "no active backend says what is free there: be1, be2, far\n");
}

TEST_CASE("what a machine has that is free") {
  const auto of = [](std::string_view json) {
    const auto found = machine_resources_in(json);
    if (!found) return found.error().text;
    return std::to_string(found->free_memory) + (found->has_processor_to_spare ? "" : " busy");
  };
  CHECK(of(R"({"memory": {"total": 100, "used": 40}, "cpu": {"total": 4}})") == "60");
  CHECK(of(R"({"memory": {"total": 100, "used": 40}, "cpu": {"total": 4}, "load": {"Average1Min": 3.9}})") == "60");
  CHECK(of(R"({"memory": {"total": 100, "used": 40}, "cpu": {"total": 4}, "load": {"Average1Min": 4.0}})") ==
        "60 busy");
  for (const auto* wrong : {"", "[]", "{}", "null", R"({"memory": 7})", R"({"memory": {"total": "100", "used": 1}})",
                            R"({"memory": {"total": 1.5, "used": 1}})", R"({"memory": {"total": -1, "used": 1}})"}) {
    CHECK(of(wrong) == "it does not say how much memory is free");
  }
  CHECK(of(R"({"memory": {"total": 1, "used": 2}})") == "it says of its memory what cannot be");
  CHECK(of(R"({"memory": {"total": 18446744073709551615, "used": 2}})") == "it says of its memory what cannot be");
}

}  // namespace bastion::admin
