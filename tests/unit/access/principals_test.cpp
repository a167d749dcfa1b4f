#include "bastion/access/principals.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bastion::access {

TEST_CASE("principals: whom a certificate lets in, by the rules of its CA") {
  struct Row {
    const char* rules;
    std::vector<std::string> principals;
    const char* user;
    const char* by;  // nullptr: not let in
  };
  const std::vector<Row> rows{
      {"user", {"alice"}, "alice", "alice"},
      {"user", {"root", "alice"}, "alice", "alice"},
      {"user", {"alice"}, "bob", nullptr},
      {"user", {}, "alice", nullptr},
      {"user", {""}, "alice", nullptr},
      {"user", {"*"}, "alice", nullptr},
      {"user", {"Alice"}, "alice", nullptr},
      {"ops-*=alice", {"ops-berlin"}, "alice", "ops-berlin"},
      {"ops-*=alice", {"ops-berlin"}, "bob", nullptr},
      {"ops-*=alice", {"alice"}, "alice", nullptr},
      {"user,alice@corp.example=alice", {"alice@corp.example"}, "alice", "alice@corp.example"},
      {"user,alice@corp.example=alice", {"bob"}, "bob", "bob"},
      {"a=b=alice", {"a=b"}, "alice", "a=b"},
      {"create", {"alice"}, "alice", "alice"},
      {"create", {"alice"}, "bob", nullptr},
  };
  for (const auto& row : rows) {
    CAPTURE(row.rules);
    CAPTURE(row.user);
    const auto rules = parse_principals(row.rules).value();
    const auto found = principal_for(row.user, rules, row.principals);
    CHECK(found.value_or("-") == (row.by == nullptr ? "-" : row.by));
  }
}

TEST_CASE("principals: what says nothing is refused") {
  for (const auto* const text :
       {"", ",", "user,", "alice", "=alice", "ops=", "ops=9alice", "o ps=alice", "!ops=alice"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_principals(text));
  }
  CHECK_FALSE(parse_principals(std::string(10'000, 'a')));
}

TEST_CASE("principals: what a certificate has to name") {
  const auto rules = parse_principals("ops-*=alice,user").value();
  CHECK(wanted_principal("alice", rules).value_or("-") == "ops-*");
  CHECK(wanted_principal("bob", rules).value_or("-") == "bob");
  CHECK_FALSE(wanted_principal("bob", parse_principals("ops-*=alice").value()));
}

TEST_CASE("principals: which make accounts") {
  CHECK(creates_accounts(parse_principals("ops-*=alice,create").value()));
  CHECK_FALSE(creates_accounts(parse_principals("ops-*=create,user").value()));
  const auto rules = parse_principals("user,create,ops-*=alice").value();
  for (const auto& rule : rules) {
    CHECK(parse_principals(text_of(rule)).value().front() == rule);
  }
}

}  // namespace bastion::access
