#include "bastion/probe/instances.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "tests/support/loopback_sshd.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"
#include "tests/support/upstream_world.h"

namespace bastion::probe {
namespace {

using test::must;
using test::refused;
using Ran = test::LoopbackSshd::Ran;
using Runs = std::vector<std::pair<int, std::string>>;

constexpr const char* kIncus = "incus list --format json";
constexpr const char* kForLogins = "the account hop needs a shell there, and the right to list instances";

// A backend that answers commands, and what it was asked on which connection.
struct BackendWorld : test::UpstreamWorld {
  BackendWorld() {
    backend_at("be1", hop);
    hop.runs = [this](int connection, const std::string& command) {
      runs.emplace_back(connection, command);
      return comes_of(connection, command);
    };
  }

  Result<std::string> instances(std::string projects = {}) {
    auto task = list_instances(credentials, *pool, backends, {.backend = "be1", .projects = std::move(projects)});
    task.start([] {});
    test::run_until(loop, [&] { return task.done(); });
    return task.take();
  }

  std::function<Ran(int connection, const std::string& command)> comes_of;
  Runs runs;
  test::LoopbackSshd hop{loop};
};

// The account was given the right to ask between its first connection and the second.
Ran allowed_later(int connection, const std::string& /*command*/) {
  if (connection == 1) return {"", "Hello\nError: not on the first\n", 1};
  return {"[]", "", 0};
}

}  // namespace

TEST_CASE("instances: what a backend lists is asked for once") {
  BackendWorld world;
  world.comes_of = [](int, const std::string&) { return Ran{"[1]", "a warning", 0}; };
  CHECK(must(world.instances("--all-projects")) == "[1]");
  CHECK(world.runs == Runs{{1, std::string(kIncus) + " --all-projects"}});
}

TEST_CASE("instances: what fails is asked for once more, over a connection of its own") {
  BackendWorld world;
  world.comes_of = allowed_later;
  CHECK(must(world.instances()) == "[]");
  CHECK(world.runs == Runs{{1, kIncus}, {2, kIncus}});
  test::run_until(world.loop, [&] { return world.hop.open_connections() == 1; });  // the pool's

  SUBCASE("where the pool's is what it was") {
    CHECK(must(world.instances()) == "[]");
    CHECK(world.runs == Runs{{1, kIncus}, {2, kIncus}, {1, kIncus}, {3, kIncus}});
  }
}

TEST_CASE("instances: of two attempts that fail the second is quoted") {
  BackendWorld world;
  world.comes_of = [](int connection, const std::string&) {
    return Ran{"", fmt::format("Error: not on {}\nbye\n", connection), 1};
  };
  CHECK(refused(world.instances()) ==
        fmt::format("`{}` on backend be1 ended with status 1: Error: not on 2; {}", kIncus, kForLogins));
  CHECK(world.runs == Runs{{1, kIncus}, {2, kIncus}});
  world.comes_of = [](int connection, const std::string&) {
    return Ran{"", "", connection == 1 ? std::optional<std::uint32_t>(1) : std::nullopt};
  };
  CHECK(refused(world.instances()) ==
        fmt::format("`{}` on backend be1 was killed by a signal; {}", kIncus, kForLogins));
}

TEST_CASE("instances: what cannot be asked once more is told with the first answer") {
  BackendWorld world;
  std::string why;
  SUBCASE("nobody listens any more") {
    world.comes_of = [&](int connection, const std::string& command) {
      world.hop.stop_listening();
      return allowed_later(connection, command);
    };
    why = "backend be1 is unreachable";
  }
  SUBCASE("the account is let in no more") {
    world.comes_of = [&](int connection, const std::string& command) {
      world.hop.accepts = world.hop.host_key();
      return allowed_later(connection, command);
    };
    why = "backend be1 rejects the bastion's key";
  }
  SUBCASE("there are no sessions") {
    world.comes_of = [&](int connection, const std::string& command) {
      world.hop.opens = false;
      return allowed_later(connection, command);
    };
    why = "backend be1 opens no session: Connection refused";
  }
  const auto said = refused(world.instances());
  CHECK(
      said.starts_with(fmt::format("`{}` on backend be1 ended with status 1: Error: not on the first; {}; and it could "
                                   "not be asked once more: {}",
                                   kIncus, kForLogins, why)));
  CHECK(world.runs == Runs{{1, kIncus}});
}

TEST_CASE("instances: what a signal has ended is not asked for once more") {
  BackendWorld world;
  world.comes_of = [](int, const std::string&) { return Ran{}; };
  CHECK(refused(world.instances()).contains("was killed by a signal"));
  CHECK(world.runs == Runs{{1, kIncus}});
}

TEST_CASE("instances: where there is no incus, lxc is asked, and once more where that fails") {
  BackendWorld world;
  world.comes_of = [](int connection, const std::string& command) {
    return command == kIncus ? Ran{"", "not found", 127} : allowed_later(connection, command);
  };
  CHECK(must(world.instances()) == "[]");
  CHECK(world.runs == Runs{{1, kIncus}, {1, "lxc list --format json"}, {2, "lxc list --format json"}});
}

}  // namespace bastion::probe
