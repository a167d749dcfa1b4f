// Rows of the audit that are given to a program: a real one, and what becomes of the cursor.
#include "bastion/admin/audit_forwarding.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "bastion/admin/audit_cursor.h"
#include "bastion/admin/commands/audit_table.h"
#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;

struct Forwarded : test::SmallWorld {
  const std::filesystem::path cursor = folder / "cursor";
  const std::filesystem::path taken = folder / "taken";

  void row(const std::string& subject) {
    must(database.change([&] {
      return audit.add({.at = kNow,
                        .actor = "alice",
                        .action = "enter",
                        .subject = subject,
                        .outcome = "done",
                        .detail = "account=x"});
    }));
  }
  // The status of one time, of a line of shell.
  [[nodiscard]] int forward(const std::string& line) const {
    config::Config config;
    config.state_dir = file.parent_path();
    return forward_audit(config, {.cursor = cursor, .program = {"sh", "-c", line}, .once = true});
  }
  [[nodiscard]] std::string append() const { return "cat >> " + taken.string(); }
  // The subjects of what was taken.
  [[nodiscard]] std::vector<std::string> subjects() const {
    std::vector<std::string> all;
    std::istringstream lines(folder.read(taken));
    for (std::string line; std::getline(lines, line);) {
      all.push_back(nlohmann::json::parse(line)["subject"].get<std::string>());
    }
    return all;
  }
};

using Subjects = std::vector<std::string>;

}  // namespace

TEST_CASE("a line of the audit has the fields of `audit list`, and its link") {
  Forwarded world;
  world.row("alice/web");
  store::AuditChain chain(world.database);
  const auto rows = must(chain.after(0, 10));
  REQUIRE(rows.size() == 1);
  const auto lines = audit_lines(rows);
  CHECK(std::ranges::count(lines, '\n') == 1);
  const auto json = nlohmann::json::parse(lines);
  CHECK(json["id"] == 1);
  CHECK(json["user"] == "alice");
  CHECK(json["detail"] == "account=x");
  CHECK(json["from"].is_null());
  CHECK("1:" + json["link"].get<std::string>() == must(chain.verify()).head.text());
}

TEST_CASE("what a program has taken is not given again, and what it has not is") {
  Forwarded world;
  world.row("a");
  CHECK(world.forward(world.append()) == 0);
  world.row("b");
  CHECK(world.forward(world.append() + "; exit 3") == 1);  // read, but not taken
  world.row("c");
  CHECK(world.forward("kill -9 $$") == 1);
  CHECK(world.forward("exit 1") == 1);
  CHECK(world.forward(world.append()) == 0);
  CHECK(world.forward(world.append()) == 0);
  CHECK(world.subjects() == Subjects{"a", "b", "b", "c"});
  CHECK(must(AuditCursor(world.cursor).read()).id == 3);
}

TEST_CASE("more rows than go at once are given one part after the other") {
  Forwarded world;
  must(world.database.change([&]() -> Result<> {
    for (int i = 0; i < 2 * AuditForwarding::kRowsAtOnce; ++i) {
      if (auto added =
              world.audit.add({.at = 1, .actor = "a", .action = "b", .subject = std::to_string(i), .outcome = "c"});
          !added) {
        return added;
      }
    }
    return {};
  }));
  CHECK(world.forward(world.append() + "; echo >> " + (world.folder / "starts").string()) == 0);
  const auto all = world.subjects();
  REQUIRE(all.size() == 2 * AuditForwarding::kRowsAtOnce);
  CHECK(all.back() == std::to_string(2 * AuditForwarding::kRowsAtOnce - 1));
  CHECK(world.folder.read(world.folder / "starts").size() == 2);
}

TEST_CASE("a cursor that is not of this audit ends it with a sentence, and nothing is given") {
  Forwarded world;
  world.row("a");
  store::AuditChain chain(world.database);
  const auto head = must(chain.verify()).head;
  must(chain.must_be_known(head));
  CHECK(refused(chain.must_be_known({.id = 2, .link = head.link})) == "there is no row 2 in the audit any more");
  CHECK(refused(chain.must_be_known({.id = 1, .link = {}})) == "row 1 of the audit has another link than it had");
  must(AuditCursor(world.cursor).write({.id = 1, .link = {}}));
  CHECK(world.forward(world.append()) == 1);
  world.folder.write("cursor", "nonsense\n");
  CHECK(world.forward(world.append()) == 1);
  CHECK(refused(AuditCursor(world.cursor).read()).starts_with(world.cursor.string() + ": a head is"));
  CHECK(world.subjects().empty());
}

TEST_CASE("a cursor whose row retention has taken away goes on with what is left") {
  Forwarded world;
  for (const auto* const subject : {"a", "b", "c"}) world.row(subject);
  CHECK(world.forward(world.append()) == 0);
  must(AuditCursor(world.cursor).write({.id = 1, .link = {}}));
  must(world.database.change([&] { return world.database.run("DELETE FROM audit_chain WHERE id < 3"); }));
  CHECK(world.forward(world.append()) == 0);
  CHECK(world.subjects() == Subjects{"a", "b", "c", "c"});
}

TEST_CASE("a cursor that cannot be written leaves the rows for the next time") {
  Forwarded world;
  world.row("a");
  std::filesystem::create_directory(world.folder / "cursor.next");
  CHECK(world.forward(world.append()) == 1);
  std::filesystem::remove(world.folder / "cursor.next");
  CHECK(world.forward(world.append()) == 0);
  CHECK(world.subjects() == Subjects{"a", "a"});
}

}  // namespace bastion::admin
