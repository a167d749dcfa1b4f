#include "bastion/config/fleet.h"

#include <doctest/doctest.h>

#include <string>

#include "bastion/config/file.h"

namespace bastion::config {
namespace {

Result<Config> with(const std::string& database, const std::string& node = "one") {
  return parse("[fleet]\ndatabase = '''" + database + "'''\nnode = \"" + node + "\"\n", "bastion.toml");
}

}  // namespace

TEST_CASE("fleet: a connection string has no password in it") {
  for (const auto* text : {"host=pg password=x", "password = 'x'", "host='a b' sslpassword=x", "postgresql://me:x@pg/b",
                           "postgres://pg/b?sslmode=require&password=x", "host=a\\ password=b password=c"}) {
    CAPTURE(text);
    const auto config = with(text);
    REQUIRE_FALSE(config.has_value());
    CHECK(config.error().text.contains("passfile="));
  }
  for (const auto* text :
       {"host=pg1,pg2 dbname=b passfile=/run/credentials/pgpass", "host='password=x'", "postgresql://me@[::1]:5432/b",
        "postgresql://pg/b?passfile=/p", "postgresql://pg:5432/b", "postgresql://", "host = pg"}) {
    CAPTURE(text);
    const auto config = with(text);
    REQUIRE_MESSAGE(config.has_value(), config.error().text);
    CHECK(config->fleet->database == text);
  }
}

TEST_CASE("fleet: a table with both keys, or none") {
  CHECK_FALSE(parse("fleet = {}", "f")->fleet.has_value());
  CHECK_FALSE(parse("", "f")->fleet.has_value());
  CHECK(parse("[fleet]\nnode = \"a\"\n", "f").error().text ==
        "f:1: fleet has a database that is empty: it says where the fleet's database is, like \"host=pg1 "
        "dbname=bastion\"");
  CHECK(with("host=pg", "One").error().text.starts_with("bastion.toml:1: fleet must have as node the name"));
  CHECK(parse("fleet = 7", "f").error().text.starts_with("f:1: fleet must be a table"));
  CHECK(parse("[fleet]\ndatabase = \"a\"\nnodes = \"a\"\n", "f").error().text ==
        "f:1: fleet has an unknown key nodes; there are database and node");
  CHECK(parse("[fleet]\ndatabase = 7\nnode = \"a\"\n", "f").error().text ==
        "f:1: fleet must have as database a text in quotes");
}

}  // namespace bastion::config
