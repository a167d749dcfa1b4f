// Backups, documents and imports, as commands.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bastion/admin/local_files.h"
#include "tests/support/admin_world.h"
#include "tests/support/temporary_folder.h"

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

TEST_CASE("import incus: each member of a cluster is called something here, and one thing only") {
  AdminWorld world;
  world.furnished();
  constexpr const char* kInstance = R"({{"name": "{}", "status": "Running", "type": "container", "location": "{}",
      "expanded_devices": {{"eth0": {{"type": "nic", "name": "eth0"}}}},
      "state": {{"network": {{"eth0": {{"addresses": [{{"family": "inet", "scope": "global", "address": "{}"}}]}}}}}}}})";
  world.file_text = fmt::format("[{},{}]", fmt::format(kInstance, "carol", "Node-A", "10.0.3.7"),
                                fmt::format(kInstance, "dora", "Node-B", "10.0.3.7"));
  CHECK(world.refused("import incus file --map Node-A=be1 --map Node-A=far") ==
        "--map says of Node-A twice what it is called here\n");
  CHECK(world.refused("import incus file --map Node-A=be1 --map Node-B=far --map Node-A=be1") ==
        "--map says of Node-A twice what it is called here\n");
  world.done("import incus file --map Node-A=be1 --map Node-B=far");
  CHECK(world.json("container show carol/carol")["backend"] == "be1");
  CHECK(world.json("container show dora/dora")["backend"] == "far");
}

TEST_CASE("import ssh-config: an Include names files of one folder, and so many of them") {
  AdminWorld world;
  world.context.read_file = read_local_file;
  namespace fs = std::filesystem;
  const test::TemporaryFolder folder;
  const auto wrote = [&](const std::string& include) {
    folder.write("config", include + "\nHost box\n  HostName 10.0.9.9\n  User nina\n  ProxyJump gw\n");
    return world.json("import ssh-config " + (folder / "config").string() + " --dry-run");
  };
  const auto skipped = [&](const std::string& include) {
    std::string whys;
    const auto answer = wrote(include);
    for (const auto& row : answer.at("skipped")) {
      whys += row["name"].get<std::string>() + ": " + row["why"].get<std::string>() + "\n";
    }
    return whys;
  };
  const auto file = [&](int number) { return folder / fmt::format("conf.d/{:03}", number); };
  fs::create_directories(folder / "conf.d/folder");
  std::ofstream(folder / "conf.d/.hidden") << "User hidden\n";
  std::ofstream(folder / "conf.d/gates") << "Host gw\n  HostName 10.9.9.9\n  User hop\n";

  SUBCASE("as many as there may be") {
    for (int i = 1; i < 100; ++i) std::ofstream(file(i)) << "# nothing\n";
    CHECK(skipped("Include conf.d/*").empty());
    CHECK(wrote("Include conf.d/*")["added"] == 3);
    std::ofstream(file(100)) << "# nothing\n";
    CHECK(skipped("Include conf.d/*").starts_with("line 1: Include conf.d/*: these are more than 100 files\n"));
    CHECK(skipped("Include conf.d/gate?").empty());
    CHECK(skipped("Include conf.d/0* conf.d/gates").empty());
  }
  SUBCASE("one that is too long is left out, and the others are not") {
    std::ofstream(file(1)) << std::string(1024 * 1024, '#');
    CHECK(skipped("Include conf.d/*").empty());
    std::ofstream(file(1)) << std::string(1024 * 1024 + 1, '#');
    CHECK(skipped("Include conf.d/*") ==
          "line 1: Include conf.d/*: " + file(1).string() + ": it is longer than 1048576 bytes\n");
    CHECK(wrote("Include conf.d/*")["added"] == 3);
  }
  SUBCASE("what is no file of one folder") {
    struct Row {
      std::string include;
      std::string why;
    };
    const std::vector<Row> rows{
        {"conf.d/none", "there is no such file that could be read"},
        {"conf.d/folder", "there is no such file that could be read"},
        {"conf.d/g", "there is no such file that could be read"},
        {"none/*", "No such file or directory"},
        {"conf*/gates", "only the last part may be a pattern"},
        {"con[f].d/gates", "only the last part may be a pattern"},
        {"~/gates", "whose home that is cannot be told: give that file instead"},
        {"~nina/gates", "whose home that is cannot be told: give that file instead"},
    };
    for (const auto& row : rows) {
      CAPTURE(row.include);
      CHECK(
          skipped("Include " + row.include).starts_with(fmt::format("line 1: Include {}: {}\n", row.include, row.why)));
    }
    CHECK(skipped("Include " + (folder / "conf.d/gates").string()).empty());
  }
}

}  // namespace bastion::admin
