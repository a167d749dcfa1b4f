// Backups, documents and imports, as commands.
#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/admin_world.h"

namespace bastion::admin {

using test::AdminWorld;
using test::must;

TEST_CASE("a backup says what is in it, and a restoration first what it would replace") {
  AdminWorld world;
  world.furnished();
  world.context.path = [&](std::string_view name) -> Result<std::filesystem::path> { return world.folder / name; };
  const auto copy = (world.folder / "copy.db").string();
  const auto state = world.file.parent_path().string();
  CHECK(world.done("backup copy.db") ==
        copy +
            " holds 2 users, 1 key, 2 backends and 2 containers, with host keys, sessions and audit; what is not in "
            "it are the bastion's own keys: copy " +
            state + "/host_keys and " + state + "/identity too\n");
  CHECK(must(world.audit.latest(1)).front().action == "backup");
  CHECK(must(world.audit.latest(1)).front().subject == copy);
  const auto before = world.json("container list");
  world.done("container remove alice/web");
  CHECK(world.refused("restore copy.db") ==
        "this replaces 2 users, 1 key, 2 backends and 1 container with 2 users, 1 key, 2 backends and 2 containers, as "
        "they were at 1970-01-12T13:46:40Z: --yes does it\n");
  CHECK(world.type("restore copy.db").question ==
        "Replace 2 users, 1 key, 2 backends and 1 container with 2 users, 1 key, 2 backends and 2 containers? (y/N) ");
  CHECK(world.done("restore copy.db --yes")
            .contains("what was there before is in " + state + "/replaced-19700112T134640Z.db"));
  CHECK(must(world.audit.latest(1)).front().action == "restore");
  CHECK(world.json("container list") == before);
  world.done("backup other.db");
  CHECK(world.refused("backup other.db").contains("is there already"));
  CHECK(world.refused("restore nothing.db --yes").ends_with("/nothing.db: No such file or directory\n"));
}

TEST_CASE("a backup is not for whoever is on another machine") {
  AdminWorld world;
  CHECK(world.refused("backup copy.db").contains("a backup is a file on the machine of the bastion"));
  CHECK(world.refused("restore copy.db --yes").contains("a backup is a file on the machine of the bastion"));
}

TEST_CASE("a document is tried without doing it, then done once, and the second time there is nothing to do") {
  AdminWorld world;
  world.furnished();
  world.file_text = R"({"version": 1, "users": [{"name": "carol"}, {"name": "alice", "options": "no-pty"}]})";
  const auto before = world.everything();
  const auto dry_run = world.json("apply file --dry-run");
  CHECK(dry_run["dry_run"] == true);
  CHECK(dry_run["added"] == 1);
  CHECK(dry_run["changed"] == 1);
  CHECK(world.everything() == before);

  const auto done = world.json("apply file");
  CHECK(done["dry_run"] == false);
  CHECK(done["changes"] == dry_run["changes"]);
  CHECK(must(world.users.get("alice")).options == "no-pty");
  CHECK(must(world.audit.latest(1)).front().subject == "1 added, 1 changed, 0 removed: user carol, user alice");
  CHECK(world.json("apply file")["changes"].empty());

  world.file_text = world.done("export");
  CHECK(world.json("apply file --prune")["changes"].empty());
  world.file_text = world.done("export --json");
  CHECK(nlohmann::json::parse(world.file_text)["version"] == 1);
  CHECK(world.json("apply file --prune")["changes"].empty());
}

TEST_CASE("an import adds, reports what is there already and says something else, and changes that only when told to") {
  AdminWorld world;
  world.furnished();
  world.file_text = R"([{"name": "carol", "status": "Running", "type": "container", "location": "none",
      "expanded_devices": {"eth0": {"type": "nic", "name": "eth0"}},
      "state": {"network": {"eth0": {"addresses": [{"family": "inet", "scope": "global", "address": "10.0.3.7"}]}}}}])";
  CHECK(world.json("import incus file --backend be1 --dry-run")["added"] == 2);
  CHECK(world.json("import incus file --backend be1")["added"] == 2);
  CHECK(world.json("container show carol/carol")["address"] == "10.0.3.7:22");
  CHECK(world.json("import incus file --backend be1")["changes"].empty());

  CHECK(world.refused("import incus file --backend far") ==
        "there already, and otherwise: container carol/carol (backend be1 -> far); nothing was taken over; --merge "
        "changes that too\n");
  CHECK(world.json("import incus file --backend far --dry-run")["collisions"].size() == 1);
  CHECK(world.json("import incus file --backend far --merge")["changed"] == 1);
  CHECK(world.json("container show carol/carol")["backend"] == "far");
  world.context.read_file = Context::no_files_here;
  CHECK(
      world.refused("import incus /etc/shadow") ==
      "/etc/shadow: files of your machine cannot be read from here; give - and what stands in it on standard input\n");
}

}  // namespace bastion::admin
