#include "bastion/session/errand.h"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

namespace bastion::session {
namespace {

using connection::SessionStart;
using Door = AdminEndpoint::Door;

struct ErrandRow {
  SessionStart::Kind kind;
  std::string words;
  std::optional<Door> door;
  std::string behind = {};
};

}  // namespace

TEST_CASE("errand: a subsystem names what is asked of the bastion itself") {
  using enum SessionStart::Kind;
  const std::vector<ErrandRow> rows{
      {subsystem, "admin", Door::admin},
      {subsystem, "admin user list", Door::admin, "user list"},
      {subsystem, "admin ", Door::admin},
      {subsystem, "me", Door::own},
      {subsystem, "me key list", Door::own, "key list"},
      {subsystem, "administration", std::nullopt},
      {subsystem, "me\tkey list", std::nullopt},
      {subsystem, "", std::nullopt},
      {subsystem, "sftp", std::nullopt},
      {command, "admin user list", std::nullopt},
      {shell, "admin", std::nullopt},
  };
  for (const auto& row : rows) {
    CAPTURE(row.words);
    const auto errand = errand_of({.kind = row.kind, .words = row.words});
    REQUIRE(errand.has_value() == row.door.has_value());
    if (!errand) continue;
    CHECK(errand->door == *row.door);
    CHECK(errand->words == row.behind);
  }
}

}  // namespace bastion::session
