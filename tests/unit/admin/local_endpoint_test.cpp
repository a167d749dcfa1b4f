#include "bastion/admin/local_endpoint.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "bastion/loop/file_lock.h"
#include "bastion/loop/loop.h"
#include "tests/support/site_world.h"

namespace bastion::admin {
namespace {

using test::must;
using Words = std::vector<std::string>;

// A bastion whose state directory is the world's folder; it serves when it is told to.
struct LocalWorld : test::SiteWorld {
  void serves() {
    lock = must(loop::FileLock::take(state.instance_lock()));
    endpoint = must(LocalEndpoint::open(loop, site, state.admin_socket()));
  }
  // Asked from another thread, as from another process.
  Reply asks(Words words) {
    std::optional<Reply> reply;
    std::jthread asker([&] {
      reply = ask_local_endpoint(state, {.words = std::move(words)}, {});
      loop.post([this] { loop.stop(); });
    });
    loop.run();
    asker.join();
    return *std::move(reply);
  }

  config::StateDir state{folder / ""};
  std::optional<loop::FileLock> lock;
  std::unique_ptr<LocalEndpoint> endpoint;
};

}  // namespace

TEST_CASE("local endpoint: a command is run there, and answered here") {
  LocalWorld world;
  world.serves();
  world.user("alice");
  const auto listed = world.asks({"user", "list"});
  REQUIRE(std::holds_alternative<Outcome>(listed));
  CHECK(std::get<Outcome>(listed).status == Status::done);
  CHECK(std::get<Outcome>(listed).out.contains("alice"));
  const auto refused = world.asks({"user", "show", "nobody"});
  REQUIRE(std::holds_alternative<Outcome>(refused));
  CHECK(std::get<Outcome>(refused).status == Status::refused);
  CHECK(std::get<Outcome>(refused).err == "there is no user nobody\n");
  std::ignore = world.asks({"user", "add", "zoe"});
  const auto row = must(world.audit.latest(1)).front();
  CHECK(row.actor == "local");
  CHECK(row.from_host.starts_with("uid=" + std::to_string(::geteuid())));
}

TEST_CASE("local endpoint: where nobody serves there is nobody to ask") {
  LocalWorld world;
  CHECK(std::holds_alternative<NobodyServes>(world.asks({"session", "list"})));
  world.serves();
  world.endpoint.reset();
  world.lock.reset();
  CHECK(std::holds_alternative<NobodyServes>(world.asks({"session", "list"})));
}

TEST_CASE("local endpoint: who serves and has no socket cannot be asked") {
  LocalWorld world;
  world.serves();
  world.endpoint.reset();
  const auto reply = world.asks({"session", "list"});
  REQUIRE(std::holds_alternative<CannotAsk>(reply));
  CHECK(std::get<CannotAsk>(reply).why.text.contains("admin.sock"));
}

}  // namespace bastion::admin
