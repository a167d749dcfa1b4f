#include "store/fleet/conninfo.h"

#include <doctest/doctest.h>

#include <array>

#include "tests/support/small_world.h"

namespace bastion::store::fleet {

TEST_CASE("fleet: which connection strings name a unix socket") {
  struct Row {
    const char* conninfo;
    bool by_socket;
  };
  const auto rows = std::to_array<Row>({
      {"dbname=bastion", true},
      {"host=pg1 dbname=bastion", false},
      {"host=/run/postgresql dbname=bastion", true},
      {"host=@abstract", true},
      {"host=pg1,pg2 target_session_attrs=read-write", false},
      {"host=pg1,/run/postgresql", true},
      {"host=pg1,", true},
      {"hostaddr=192.0.2.1", false},
      {"host=/ignored hostaddr=192.0.2.1", false},
      {"postgresql://bastion@pg1/directory", false},
      {"postgresql:///directory", true},
      {"postgresql://%2Frun%2Fpostgresql/directory", true},
      {"postgresql://[2001:db8::1]/directory", false},
  });
  for (const auto& row : rows) {
    CAPTURE(row.conninfo);
    CHECK(test::must(names_a_unix_socket(row.conninfo)) == row.by_socket);
  }
  CHECK(test::refused(names_a_unix_socket("no words"))
            .starts_with("[fleet] has a database that libpq does not understand"));
}

}  // namespace bastion::store::fleet
