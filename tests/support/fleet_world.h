// Bastions of a fleet, as far as their directory goes: a copy each, and one log in a PostgreSQL of the test's own.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "store/fleet/replica.h"
#include "store/statement.h"
#include "tests/support/postgres.h"
#include "tests/support/small_world.h"

namespace bastion::store::fleet {

using test::must;
using test::refused;

// The directory of one bastion of the fleet.
struct Copy {
  Copy(const std::filesystem::path& file, const std::string& conninfo, const std::string& node,
       std::chrono::milliseconds patience = ChangeLog::kPatience)
      : Copy(file, std::make_unique<Replica>(ChangeLog(conninfo, patience), node)) {}
  Copy(const std::filesystem::path& file, std::unique_ptr<Replica> by,
       Database::Access access = Database::Access::create)
      : database(must(Database::open(file, access))), replica(*by) {
    database.replicate_by(std::move(by));
  }

  Result<std::int64_t> add_user(const std::string& name) {
    return database.change([&] { return users.add(name, Role::user, 1); });
  }
  [[nodiscard]] bool has_user(const std::string& name) { return must(users.find(name)).has_value(); }

  Database database;
  Replica& replica;  // the database's
  Users users{database};
  Keys keys{database};
  Backends backends{database};
  Containers containers{database};
  Shares shares{database};
};

struct FleetWorld {
  FleetWorld() {
    ChangeLog log(postgres.conninfo());
    must(log.prepare());
  }
  std::unique_ptr<Copy> copy(const std::string& node, std::chrono::milliseconds patience = ChangeLog::kPatience) {
    return std::make_unique<Copy>(folder / (node + ".db"), postgres.conninfo(), node, patience);
  }
  // As if the disk with it had been lost.
  void lose(const std::string& node) {
    for (const auto* const side : {"", "-wal", "-shm"}) std::filesystem::remove(folder / (node + ".db" + side));
  }
  // A copy's snapshot, whatever is due.
  static void cut(Copy& copy) {
    must(copy.replica.catch_up(copy.database));
    must(copy.replica.keep_log_short(copy.database, {.entries = 1, .bytes = 1}));
  }

  test::TemporaryFolder folder;
  test::Postgres postgres;
};

// All that the copies have in common, as text.
inline std::string dump(Database& database) {
  const auto lines = [&](const std::string& sql) {
    std::string all;
    for (const auto& row : must(Statement(database, sql).all([](const Row& each) { return each.text(0); }, {}))) {
      all += row + "\n";
    }
    return all;
  };
  std::string all;
  for (const auto* const table : Replica::shared_tables()) {
    const auto columns =
        must(Statement(database, "SELECT group_concat('quote(' || name || ')', '||'' ''||') FROM pragma_table_info(?)")
                 .first([](const Row& row) { return row.text(0); }, {std::string_view(table)}));
    all += fmt::format("-- {}\n{}", table, lines(fmt::format("SELECT {} FROM {} ORDER BY 1", *columns, table)));
  }
  return all + "--\n" + lines("SELECT name || seq FROM sqlite_sequence ORDER BY name") +
         lines("SELECT quote(number) || quote(entry) || quote(log) FROM fleet_position");
}

}  // namespace bastion::store::fleet
