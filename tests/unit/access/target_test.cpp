#include "bastion/access/target.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::access {

TEST_CASE("user names that are targets") {
  struct Row {
    std::string_view text;
    std::string_view user;
    std::optional<std::string> owner;
    std::optional<std::string> container;
  };
  const Row rows[] = {
      {"alice", "alice", {}, {}},
      {"a", "a", {}, {}},
      {"_svc", "_svc", {}, {}},
      {"alice.b-c_9", "alice.b-c_9", {}, {}},
      {"alice+web", "alice", {}, "web"},
      {"alice+bob/web", "alice", "bob", "web"},
      {"alice+alice/web.2", "alice", "alice", "web.2"},
      {"abcdefghijklmnopqrstuvwxyzabcdef", "abcdefghijklmnopqrstuvwxyzabcdef", {}, {}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto target = parse_target(row.text);
    REQUIRE(target);
    CHECK(target->user == row.user);
    CHECK(target->owner == row.owner);
    CHECK(target->container == row.container);
    CHECK(text_of(*target) == row.text);
  }
}

TEST_CASE("a plus stands for the slash, where a slash would mean a path") {
  CHECK(text_of(*parse_target("alice+bob+web")) == "alice+bob/web");
}

TEST_CASE("user names that are none") {
  const std::string long_name(33, 'a');
  const std::string_view rows[] = {
      "",
      "+",
      "+web",
      "alice+",
      "alice++web",
      "alice+web+db+x",
      "alice+bob/web+x",
      "alice++",
      "alice+bob+",
      "alice/web",
      "alice+bob/",
      "alice+/web",
      "alice+bob/web/x",
      "alice+bob//web",
      "Alice",
      "alice+Web",
      "-alice",
      ".alice",
      "9alice",
      "alice web",
      "alice\n",
      "alice@bastion",
      "alice:web",
      "alice;drop",
      "al\xc3\xaf"
      "ce",
      "..",
      "../etc",
      "alice+../etc",
      std::string_view("alice\0", 6),
      std::string_view("\0", 1),
      long_name,
  };
  for (const auto row : rows) {
    CAPTURE(row);
    CHECK_FALSE(parse_target(row));
  }
  CHECK_FALSE(parse_target("alice+" + long_name));
  CHECK_FALSE(parse_target("alice+" + long_name + "/web"));
  CHECK_FALSE(parse_target(std::string(1 << 20, '+')));
}

}  // namespace bastion::access
