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
      {"abcdefghijklmnopqrstuvwxyzabcdefabcdefghijklmnopqrstuvwxyzabcdef",
       "abcdefghijklmnopqrstuvwxyzabcdefabcdefghijklmnopqrstuvwxyzabcdef",
       {},
       {}},
      {"Alice", "Alice", {}, {}},
      {"alice@corp.example", "alice@corp.example", {}, {}},
      {"alice@corp.example+web", "alice@corp.example", {}, "web"},
      {"CORP\\alice+CORP\\bob/web", "CORP\\alice", "CORP\\bob", "web"},
      {"zoë+bob@corp.example/web", "zoë", "bob@corp.example", "web"},
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

TEST_CASE("names that are written otherwise are put into the form in which they are kept") {
  CHECK(text_of(*parse_target("zoe\u0308+o\u0308zil/web")) == "zoë+özil/web");
}

TEST_CASE("a plus stands for the slash, where a slash would mean a path") {
  CHECK(text_of(*parse_target("alice+bob+web")) == "alice+bob/web");
}

TEST_CASE("a style is dropped, wherever it stands, and what it was written to still is the target") {
  struct Row {
    std::string_view text;
    std::string_view target;  // empty: none
  };
  const Row rows[] = {
      {"alice:skey", "alice"},
      {"alice:", "alice"},
      {"alice:a:b", "alice"},
      {"alice:A/ B", "alice"},
      {"alice+web:skey", "alice+web"},
      {"alice+web:a:b", "alice+web"},
      {"alice:skey+web", "alice+web"},
      {"alice:x+web:y", "alice+web"},
      {"alice+bob/web:skey", "alice+bob/web"},
      {"alice+bob+web:skey", "alice+bob/web"},
      {"alice:x+bob/web:y", "alice+bob/web"},
      {"alice+bob:skey/web", ""},  // whose? not guessed
      {"alice+bob:skey+web", ""},
      {"alice+web:a/b", ""},
      {":skey", ""},
      {":", ""},
      {"alice+:skey", ""},
      {":skey+web", ""},
      {"alice+bob/:skey", ""},
      {"Alice:skey", "Alice"},
      {"CORP\\alice:skey+web", "CORP\\alice+web"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto target = parse_target(row.text);
    CHECK((target ? text_of(*target) : "") == row.target);
  }
}

TEST_CASE("user names that are none") {
  const std::string long_name(65, 'a');
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
      "alice+Web",
      "alice+web@corp",
      "alice@",
      "alice@a@b",
      "@corp",
      "CORP\\",
      "CORP\\+web",
      "alice+bob@/web",
      "-alice",
      ".alice",
      "9alice",
      "alice web",
      "alice\n",
      "alice;drop",
      "alice\u200b",
      "alice\u202e",
      "al\xc3",
      "al\u00a0ice",
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
