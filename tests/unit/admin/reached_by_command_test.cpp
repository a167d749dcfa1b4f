// Containers that are reached by a command.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/commands/commands.h"
#include "bastion/admin/manifest/container_command.h"
#include "bastion/base/name.h"
#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

namespace {

constexpr std::string_view kWeb = "incus exec web -- /usr/sbin/sshd -i";

// What it printed; beside that it has said what the account of the backend has to be allowed.
std::string done_and_said(AdminWorld& world, std::string_view line) {
  CAPTURE(line);
  const auto outcome = world.type(line);
  CHECK(outcome.status == Status::done);
  CHECK(outcome.err.find("has to be allowed to run `") != std::string::npos);
  return outcome.out;
}

Outcome run_words(AdminWorld& world, const std::vector<std::string>& words) { return run(words, world.context); }

}  // namespace

TEST_CASE("what a word stands for") {
  struct Row {
    std::string_view word, command;
  };
  for (const auto& row : std::vector<Row>{{"incus", kWeb},
                                          {"lxd", "lxc exec web -- /usr/sbin/sshd -i"},
                                          {"lxc", "lxc exec web -- /usr/sbin/sshd -i"},
                                          {"docker", "docker exec -i web /usr/sbin/sshd -i"},
                                          {"kubectl", "kubectl exec -i web -- /usr/sbin/sshd -i -e"},
                                          {"incus exec x", "incus exec x"},
                                          {"Incus", "Incus"},
                                          {"podman", "podman"}}) {
    CHECK(command_of(row.word, "web") == row.command);
  }
}

TEST_CASE("what bastion-instances can run is told from other commands") {
  for (const auto* const word : {"incus", "lxd", "lxc"}) CHECK(leads_into_instance(command_of(word, "web")));
  CHECK(leads_into_instance("incus exec web --project shop -- /usr/sbin/sshd -i"));
  for (const auto* const other : {"docker exec -i web /usr/sbin/sshd -i", "incus exec web -- sh", "incus", ""}) {
    CHECK_FALSE(leads_into_instance(other));
  }
}

TEST_CASE("no name gets out of the place that it has in a command") {
  const std::vector<std::string> names{
      "a b", "a;id", "a'b", "a\"b", "a\\b",         "a$(id)", "a`id`", "a|b", "a&b",      "a>b", "a\nb",
      "a!b", "a*",   "~a",  "-a",   "--privileged", "a#b",    "{a,b}", "a=b", "\xc3\xa4", "",    std::string(1, '\0')};
  for (const auto& name : names) {
    CAPTURE(name);
    // It can be no container's, and if it were, nothing would be made of it.
    CHECK_FALSE(is_name(name));
    for (const auto* const word : {"incus", "lxd", "lxc", "docker", "kubectl"}) {
      CHECK(command_of(word, name) == word);
    }
  }
}

TEST_CASE("a command is one line that can be shown") {
  CHECK_FALSE(check_command(kWeb));
  CHECK_FALSE(check_command("docker"));
  CHECK_FALSE(check_command("sh -c 'exec nc \"$HOST\" 22'"));
  for (const auto* const wrong : {"", " incus", "incus ", "incus\nexec", "incus\x1b[2J", "incus \xff", "a\tb"}) {
    CAPTURE(wrong);
    CHECK(check_command(wrong));
  }
  CHECK(check_command(std::string(1001, 'x')) == "a command has 1000 bytes at most");
}

TEST_CASE("a container has an address or a command") {
  AdminWorld world;
  world.furnished();
  CHECK(world.misused("container add db --owner alice --backend be1") == "give --address IP[:PORT] or --command CMD");
  CHECK(world.misused("container add db --owner alice --backend be1 --address 10.0.3.9 --command incus") ==
        "give --address IP[:PORT] or --command CMD, not more than one of them");
  CHECK(done_and_said(world, "container add db --owner alice --backend be1 --command incus") ==
        "container alice/db added\n");
  const auto shown = world.json("container show alice/db");
  CHECK(shown["address"].is_null());
  CHECK(shown["command"] == "incus exec db -- /usr/sbin/sshd -i");
  CHECK(world.json("container show alice/web")["command"].is_null());
  CHECK(world.done("container list --owner alice --backend be1").find("incus exec db -- /usr/sbin/sshd -i") !=
        std::string::npos);
  CHECK(world.done("route alice+db").find("incus exec db -- /usr/sbin/sshd -i") != std::string::npos);
}

TEST_CASE("a command on a backend is one machine, as an address is") {
  AdminWorld world;
  world.furnished();
  const std::vector<std::string> add{"container", "add", "box", "--owner", "alice", "--backend", "be1", "--command"};
  const auto with = [&](std::vector<std::string> more) {
    auto words = add;
    words.insert(words.end(), more.begin(), more.end());
    return run_words(world, words);
  };
  CHECK(with({std::string(kWeb), "--host-key", test::kAliceKey}).status == Status::done);
  // The same account in it is the same container.
  CHECK(run_words(world, {"container", "add", "other", "--owner", "bob", "--backend", "be1", "--command",
                          std::string(kWeb), "--login", "alice"})
            .err.find("alice by `incus exec web -- /usr/sbin/sshd -i` on backend be1 is container alice/box already") !=
        std::string::npos);
  // Another account has the same host key.
  CHECK(run_words(world,
                  {"container", "add", "other", "--owner", "bob", "--backend", "be1", "--command", std::string(kWeb)})
            .status == Status::done);
  CHECK_FALSE(world.json("container show bob/other")["host_key"].is_null());
}

TEST_CASE("a container that gets a command, and an address again") {
  AdminWorld world;
  world.furnished();
  world.done("container set alice/web --host-key KEY");
  done_and_said(world, "container set alice/web --command docker");
  auto shown = world.json("container show alice/web");
  CHECK(shown["address"].is_null());
  CHECK(shown["command"] == "docker exec -i web /usr/sbin/sshd -i");
  CHECK_FALSE(shown["host_key"].is_null());  // it is pinned: the container is the same
  CHECK(world.done("container move alice/web --backend be1 --command docker") ==
        "container alice/web was at `docker exec -i web /usr/sbin/sshd -i` on backend be1 already\n");
  CHECK(world.done("container move alice/web --backend be1 --address 10.0.3.7:2200") ==
        "container alice/web moved to 10.0.3.7:2200 on backend be1\n");
  shown = world.json("container show alice/web");
  CHECK(shown["address"] == "10.0.3.7:2200");
  CHECK(shown["command"].is_null());
}

TEST_CASE("nobody runs a command where the bastion does not log in") {
  AdminWorld world;
  world.furnished();
  world.done("backend add here 10.1.1.1 --login hop --direct");
  constexpr std::string_view kWhy =
      "the bastion does not log in to backend here (it is --direct), so it can run no command there: give --address\n";
  CHECK(world.refused("container add db --owner alice --backend here --command incus") == kWhy);
  CHECK(world.refused("container move alice/web --backend here --command incus") == kWhy);
  world.done("container add db --owner alice --backend here --address 10.1.1.100");
  CHECK(world.refused("container set alice/db --command incus") == kWhy);
  for (int i = 0; i < 5; ++i) {
    done_and_said(world, "container add n" + std::to_string(i) + " --owner alice --auto-place --command incus");
    CHECK(world.json("container show alice/n" + std::to_string(i))["backend"] != "here");
  }
}

TEST_CASE("a document has it, and is the same when it is applied again") {
  AdminWorld world;
  world.furnished();
  done_and_said(world, "container set alice/web --command incus");
  const auto document = world.done("export");
  CHECK(document.find(kWeb) != std::string::npos);
  world.file_text = document;
  CHECK(world.json("apply file")["changes"].empty());
  world.file_text =
      "version: 1\ncontainers:\n"
      "  - {owner: alice, name: web, address: 10.0.3.100}\n"
      "  - {owner: bob, name: box, backend: be1, command: lxd}\n";
  const auto changes = world.json("apply file")["changes"];
  REQUIRE(changes.size() == 2);
  CHECK(changes[0]["detail"] == "place incus exec web -- /usr/sbin/sshd -i -> 10.0.3.100:22");
  CHECK(changes[1]["detail"] == "bob by lxc exec box -- /usr/sbin/sshd -i on backend be1");
  world.file_text = "version: 1\ncontainers:\n  - {owner: bob, name: box, address: 10.0.3.9, command: lxd}\n";
  CHECK(world.refused("apply file").find("it has an address or a command, not both") != std::string::npos);
}

TEST_CASE("an import leaves alone what is reached by a command, and knows it by that") {
  AdminWorld world;
  world.furnished();
  done_and_said(world, "container set alice/web --command incus");
  CHECK(run_words(world, {"container", "add", "box", "--owner", "bob", "--backend", "be1", "--command",
                          "incus exec carol -- /usr/sbin/sshd -i"})
            .status == Status::done);
  world.file_text = R"([{"name": "alice", "status": "Running", "type": "container", "location": "none",
      "expanded_devices": {"eth0": {"type": "nic", "name": "eth0"}},
      "state": {"network": {"eth0": {"addresses": [{"family": "inet", "scope": "global", "address": "10.0.3.7"}]}}}}])";
  auto imported = world.json("import incus file --backend be1 --dry-run");
  REQUIRE(imported["not_listed"].size() == 2);
  for (std::size_t at = world.file_text.find("alice"); at != std::string::npos; at = world.file_text.find("alice")) {
    world.file_text.replace(at, 5, "carol");
  }
  imported = world.json("import incus file --backend be1 --dry-run");
  REQUIRE(imported["not_listed"].size() == 1);
  CHECK(imported["not_listed"][0]["container"] == "alice/web");
  CHECK(imported["not_listed"][0]["address"] == kWeb);

  CHECK(world.json("import incus file --backend be1")["added"] == 2);
  done_and_said(world, "container set carol/carol --command incus");
  imported = world.json("import incus file --backend be1 --merge");
  CHECK(imported["changes"].empty());
  REQUIRE(imported["skipped"].size() == 1);
  CHECK(imported["skipped"][0]["why"] == "it is reached by a command already; container move gives it an address");
}

TEST_CASE("what the account of a hop must be allowed for it") {
  AdminWorld world;
  world.furnished();
  CHECK(world.done("identity show be1").find("restrict,port-forwarding,permitopen=") == 0);
  done_and_said(world, "container set alice/web --command incus");
  const auto line = world.done("identity show be1");
  CHECK(line.find(",command=\"incus exec web -- /usr/sbin/sshd -i\" ssh-ed25519 ") != std::string::npos);
  CHECK(line.find("10.0.3.100") == std::string::npos);
  done_and_said(world, "container add db --owner alice --backend be1 --command incus");
  const auto shown = world.type("identity show be1");
  CHECK(shown.out.find("command=") == std::string::npos);
  CHECK(shown.err.find("containers are reached by 2 commands there") != std::string::npos);
}

}  // namespace bastion::admin
