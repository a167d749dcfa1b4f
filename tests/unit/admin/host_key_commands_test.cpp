// The commands about the host keys of backends and containers.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bastion/transport/keys.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {
namespace {

using test::AdminWorld;
using test::blob;
using test::must;
using HostKeyLines = std::vector<std::string>;

std::string fingerprint_of(std::string_view key) { return transport::fingerprint(blob(key)); }

struct HostKeyWorld : AdminWorld {
  HostKeyWorld() { furnished(); }

  store::HostKeyOwner owner(std::string_view name) {
    if (const auto backend = must(backends.find(name))) return store::HostKeyOwner::of_backend(backend->id);
    const auto slash = name.find('/');
    for (const auto& one : must(containers.named(name.substr(slash + 1)))) {
      if (one.owner_name == name.substr(0, slash)) return store::HostKeyOwner::of_container(one.id);
    }
    return store::HostKeyOwner::of_container(0);
  }
  // `fingerprint state` of each.
  HostKeyLines listed(const std::string& words = {}) {
    HostKeyLines lines;
    for (const auto& row : json("host-key list" + words)) {
      lines.push_back(row["host"].get<std::string>() + " " + row["fingerprint"].get<std::string>() + " " +
                      row["state"].get<std::string>());
    }
    return lines;
  }
};

}  // namespace

TEST_CASE("host keys are listed, of one machine or of all, and the one that was refused behind them") {
  HostKeyWorld world;
  CHECK(world.done("host-key list") == "no host key is known\n");
  must(world.host_keys.learn(world.owner("alice/web"), blob("web"), 1));
  must(world.host_keys.learn(world.owner("be1"), blob("L"), 1));
  must(world.host_keys.pin_too(world.owner("be1"), blob("P"), 2));
  must(world.host_keys.refuse(world.owner("be1"), blob("R"), 3));
  const HostKeyLines of_be1{"backend be1 " + fingerprint_of("P") + " pinned",
                            "backend be1 " + fingerprint_of("L") + " learned",
                            "backend be1 " + fingerprint_of("R") + " refused"};
  CHECK(world.listed(" be1") == of_be1);
  auto all = of_be1;
  all.push_back("container alice/web " + fingerprint_of("web") + " learned");
  CHECK(world.listed() == all);
  CHECK(world.listed(" bob/web").empty());
  CHECK(world.json("host-key list be1")[2]["since"] == "1970-01-01T00:00:03Z");
  CHECK(world.refused("host-key list web") == "several containers are named web; name one: alice/web, bob/web\n");
  CHECK(world.refused("host-key list be2") == "there is no backend and no container be2, did you mean be1?\n");
  CHECK(world.refused("host-key list alice/we").starts_with("there is no container alice/we"));

  CHECK(world.json("backend show be1")["host_key"] ==
        fingerprint_of("P") + " (pinned), " + fingerprint_of("L") + " (learned)");
  CHECK(world.json("backend show be1")["refused_host_key"] ==
        fingerprint_of("R") + " (presented 1970-01-01T00:00:03Z)");
  CHECK(world.json("container show alice/web")["refused_host_key"].is_null());
}

TEST_CASE("a name that a backend and a container have is the backend's, which is said") {
  HostKeyWorld world;
  world.done("container add be1 --owner alice --backend far --address 10.0.3.7");
  must(world.host_keys.learn(world.owner("be1"), blob("B"), 1));
  const auto outcome = world.type("host-key list be1 --json");
  CHECK(outcome.out.find("backend be1") != std::string::npos);
  CHECK(outcome.err == "this is backend be1; a container of that name is alice/be1\n");
  CHECK(world.refused("host-key forget alice/be1") == "no host key of container alice/be1 is known\n");
}

TEST_CASE("what was refused is accepted by its fingerprint only, and takes the place of all that was known") {
  HostKeyWorld world;
  for (const auto& [name, machine] : {std::pair{"be1", "backend be1"}, {"alice/web", "container alice/web"}}) {
    const auto owner = world.owner(name);
    const auto accept = [&](const std::string& fingerprint) {
      return "host-key accept " + std::string(name) + " " + fingerprint;
    };
    CHECK(world.refused(accept(fingerprint_of("new"))) ==
          "no host key of " + std::string(machine) + " was refused: there is nothing to accept\n");
    must(world.host_keys.learn(owner, blob("old"), 1));
    must(world.host_keys.pin_too(owner, blob("older"), 1));
    must(world.host_keys.refuse(owner, blob("new"), 2));
    CHECK(world.misused("host-key accept " + std::string(name)).find("FINGERPRINT") != std::string::npos);
    for (const auto& wrong : {fingerprint_of("old"), fingerprint_of("new").substr(0, 20), std::string("SHA256:")}) {
      CHECK(world.refused(accept(wrong))
                .starts_with("this is not the host key that " + std::string(machine) + " presented last"));
    }
    // It has presented yet another one meanwhile.
    must(world.host_keys.refuse(owner, blob("newer"), 3));
    CHECK(world.refused(accept(fingerprint_of("new"))).starts_with("this is not the host key"));
    must(world.host_keys.refuse(owner, blob("new"), 4));
    CHECK(world.done(accept(fingerprint_of("new").substr(7))) == "the host key of " + std::string(machine) + " is " +
                                                                     fingerprint_of("new") +
                                                                     " from now on, in place of what was known\n");
    CHECK(must(world.audit.latest(1)).front().subject == std::string(name) + " " + fingerprint_of("new"));
    CHECK(world.listed(" " + std::string(name)) ==
          HostKeyLines{std::string(machine) + " " + fingerprint_of("new") + " pinned"});
  }
}

TEST_CASE("host keys are pinned beside what is known, and forgotten one by one or all") {
  HostKeyWorld world;
  const auto owner = world.owner("be1");
  must(world.host_keys.learn(owner, blob("L"), 1));
  CHECK(world.done("host-key pin be1 KEY").starts_with("host key SHA256:"));
  world.done("host-key pin be1 KEY2");
  world.done("host-key pin be1 KEY2");
  CHECK(world.listed(" be1").size() == 3);
  CHECK(world.refused("host-key forget be1 SHA256:x") ==
        "backend be1 has no host key SHA256:x: `host-key list be1` shows them\n");
  CHECK(world.done("host-key forget be1 " + fingerprint_of("L")) ==
        "host key " + fingerprint_of("L") + " of backend be1 is forgotten\n");
  CHECK(world.listed(" be1").size() == 2);
  must(world.host_keys.refuse(owner, blob("R"), 2));
  world.done("host-key forget be1 " + fingerprint_of("R"));
  CHECK(world.listed(" be1").size() == 2);
  CHECK(world.done("host-key forget be1") ==
        "the host key of backend be1 is forgotten; the next one it presents is remembered\n");
  CHECK(world.refused("host-key forget be1") == "no host key of backend be1 is known\n");
  must(world.host_keys.learn(owner, blob("L"), 1));
  CHECK(
      world.done("host-key forget be1 " + fingerprint_of("L")).ends_with("; the next one it presents is remembered\n"));

  // The words that were there before replace, whatever there is.
  world.done("host-key pin be1 KEY");
  world.done("host-key pin be1 KEY2");
  world.done("backend set be1 --host-key KEY");
  CHECK(world.listed(" be1").size() == 1);
  // Another account in a machine that is known takes nothing away from it.
  world.done("host-key pin alice/web KEY");
  world.done("host-key pin alice/web KEY2");
  world.done("container add web2 --owner bob --backend be1 --address 10.0.3.100 --host-key KEY");
  CHECK(world.listed(" alice/web").size() == 2);
}

}  // namespace bastion::admin
