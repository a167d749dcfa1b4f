#include "store/fleet/application.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>
#include <string_view>
#include <utility>

#include "store/fleet/changed_rows.h"
#include "store/statement.h"

namespace bastion::store::fleet {
namespace {

// Each has a primary key, or there would be no change to record.
constexpr std::array kShared{"users",
                             "user_keys",
                             "backends",
                             "containers",
                             "shares",
                             "host_keys",
                             "refused_host_keys",
                             "host_cas",
                             "host_key_aliases",
                             "certified_hosts",
                             "bans",
                             "cas",
                             "revocations",
                             "totp",
                             "recovery_codes",
                             "sign_ons",
                             "user_groups",
                             "group_members",
                             "group_shares",
                             "backend_groups",
                             "passwords"};

// What triggers and foreign keys would have done to the tables that are not shared.
constexpr auto* kNewGeneration = "UPDATE permissions SET generation = generation + 1";
constexpr auto* kForgetTheRemoved =
    "DELETE FROM key_uses WHERE key NOT IN (SELECT id FROM user_keys);"
    "DELETE FROM accepted_identities WHERE backend NOT IN (SELECT id FROM backends)"
    " OR container NOT IN (SELECT id FROM containers);"
    "DELETE FROM listings WHERE backend NOT IN (SELECT id FROM backends);"
    "DELETE FROM sightings WHERE source NOT IN (SELECT id FROM backends)"
    " OR container NOT IN (SELECT id FROM containers)";

using Cause = Refusal::Cause;

std::unexpected<Refusal> refuse(Cause cause, Error error) {
  return std::unexpected(Refusal{.cause = cause, .error = std::move(error)});
}

std::unexpected<Refusal> refuse_newer(const std::string& who, int schema, int known) {
  return refuse(Cause::is_newer,
                {fmt::format("{} has changed the directory with a newer program (version {}; this one knows {}): "
                             "upgrade this bastion",
                             who, schema, known)});
}

Application as_application(const Result<>& done) { return done ? Application{} : refuse(Cause::passes, done.error()); }

// While it lives, the connection runs no triggers and checks no foreign keys.
class WithoutRules {
 public:
  explicit WithoutRules(Database& database) : connection_(database.native().getHandle()) { set(0); }
  ~WithoutRules() { set(1); }
  WithoutRules(const WithoutRules&) = delete;
  WithoutRules& operator=(const WithoutRules&) = delete;

 private:
  void set(int on) {
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_TRIGGER, on, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_FKEY, on, nullptr);
  }
  sqlite3* connection_;
};

// Whether a row's table is here in the form that the changeset has, or with columns more: SQLite leaves out what does
// not fit, without a word.
Result<bool> fits(Database& database, const ChangedRow& row) {
  if (std::ranges::find(kShared, row.table) == kShared.end()) return false;
  unsigned char* theirs = nullptr;
  int count = 0;
  if (sqlite3changeset_pk(row.where, &theirs, &count) != SQLITE_OK || count != row.columns) return false;
  const auto ours = Statement(database, "SELECT pk FROM pragma_table_info(?, 'main') ORDER BY cid")
                        .all([](const Row& column) { return column.number(0) != 0; }, {row.table});
  if (!ours) return std::unexpected(ours.error());
  const std::span keys(theirs, static_cast<std::size_t>(row.columns));
  return ours->size() >= keys.size() &&
         std::equal(keys.begin(), keys.end(), ours->begin(), [](unsigned char a, bool b) { return (a != 0) == b; }) &&
         std::none_of(ours->begin() + row.columns, ours->end(), [](bool is_key) { return is_key; });
}

// Rows that a changeset takes away, by their ids, and to which rows that are not shared may point.
struct Removed {
  std::vector<std::int64_t> keys;
  std::vector<std::int64_t> backends;
  std::vector<std::int64_t> containers;

  void take(const ChangedRow& row) {
    auto* const ids = row.table == "user_keys"    ? &keys
                      : row.table == "backends"   ? &backends
                      : row.table == "containers" ? &containers
                                                  : nullptr;
    sqlite3_value* id = nullptr;
    if (ids == nullptr || sqlite3changeset_old(row.where, 0, &id) != SQLITE_OK || id == nullptr) return;
    ids->push_back(sqlite3_value_int64(id));
  }
};

// One by one: what was used stays as long as the directory is large.
Result<> forget(Database& database, const Removed& removed) {
  const auto each = [&](const char* sql, const std::vector<std::int64_t>& ids) -> Result<> {
    for (const auto id : ids) {
      if (auto gone = Statement(database, sql).run({id}); !gone) return gone;
    }
    return {};
  };
  if (auto gone = each("DELETE FROM key_uses WHERE key = ?", removed.keys); !gone) return gone;
  if (auto gone = each("DELETE FROM accepted_identities WHERE backend = ?", removed.backends); !gone) return gone;
  if (auto gone = each("DELETE FROM accepted_identities WHERE container = ?", removed.containers); !gone) return gone;
  if (auto gone = each("DELETE FROM listings WHERE backend = ?", removed.backends); !gone) return gone;
  if (auto gone = each("DELETE FROM sightings WHERE source = ?", removed.backends); !gone) return gone;
  return each("DELETE FROM sightings WHERE container = ?", removed.containers);
}

// What can be told before; the result is what it removes.
Result<Removed> look_at(Database& database, const ByteVector& changeset) {
  Removed removed;
  std::string known;
  const auto read = for_each_row(changeset, [&](const ChangedRow& row) -> Result<> {
    if (row.operation == SQLITE_DELETE) removed.take(row);
    if (known == row.table) return {};
    known = row.table;
    const auto fit = fits(database, row);
    if (!fit) return std::unexpected(fit.error());
    if (!*fit) return fail("its table {} is another one", known);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return removed;
}

// It is what became of rows that every copy had: one that finds others is no copy, and goes no further.
int never(void* /*context*/, int /*conflict*/, sqlite3_changeset_iter* /*where*/) { return SQLITE_CHANGESET_ABORT; }

// The result is what it removes.
std::expected<Removed, Refusal> apply_changeset(Database& database, const ByteVector& changeset,
                                                const std::string& what) {
  const auto does_not_fit = [&](std::string_view why) {
    return Error{fmt::format("{} does not fit this bastion's database: {}", what, why)};
  };
  auto removed = look_at(database, changeset);
  if (!removed) return refuse(Cause::does_not_fit, does_not_fit(removed.error().text));
  const auto size = static_cast<int>(changeset.size());
  auto* const bytes = const_cast<std::uint8_t*>(changeset.data());
  auto* const connection = database.native().getHandle();
  const int done = sqlite3changeset_apply(connection, size, bytes, nullptr, never, nullptr);
  if (done == SQLITE_OK) return *std::move(removed);
  const bool is_ours =
      done == SQLITE_FULL || done == SQLITE_NOMEM || done == SQLITE_BUSY || (done & 0xff) == SQLITE_IOERR;
  if (is_ours) return refuse(Cause::passes, {fmt::format("{} cannot be written: {}", what, sqlite3_errstr(done))});
  return refuse(Cause::does_not_fit, does_not_fit(done == SQLITE_ABORT ? "rows differ" : sqlite3_errstr(done)));
}

Application apply_one(Database& database, const Entry& entry) {
  const auto removed =
      apply_changeset(database, entry.changeset, fmt::format("entry {} of the fleet's log", entry.number));
  if (!removed) return std::unexpected(removed.error());
  auto counted = database.run(kNewGeneration);
  return as_application(counted ? forget(database, *removed) : counted);
}

// Runs `body` as one transaction; what it refuses is kept beside the transaction's own outcome.
Application in_one_transaction(Database& database, const std::function<Application()>& body) {
  const WithoutRules without(database);
  Application outcome;
  const auto done = database.change_here([&]() -> Result<> {
    outcome = body();
    return outcome ? Result<>{} : std::unexpected(outcome.error().error);
  });
  return outcome ? as_application(done) : outcome;
}

Result<> set_sequences(Database& database, const std::string& sequences) {
  std::istringstream lines(sequences);
  std::string table;
  std::int64_t number = 0;
  while (lines >> table >> number) {
    if (auto gone = Statement(database, "DELETE FROM sqlite_sequence WHERE name = ?").run({table}); !gone) return gone;
    auto set = Statement(database, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)").run({table, number});
    if (!set) return set;
  }
  return {};
}

Result<> finish(Database& database, const Snapshot& snapshot, const std::string& log) {
  if (auto set = set_sequences(database, snapshot.sequences); !set) return set;
  if (auto set = set_position(database, {.number = snapshot.number, .id = snapshot.entry, .log = log}); !set)
    return set;
  if (auto counted = database.run(kNewGeneration); !counted) return counted;
  return database.run(kForgetTheRemoved);
}

}  // namespace

std::span<const char* const> shared_tables() { return kShared; }

Result<Position> position_of(Database& database) {
  const auto found =
      Statement(database, "SELECT number, entry, log FROM fleet_position")
          .first(
              [](const Row& row) { return Position{.number = row.number(0), .id = row.text(1), .log = row.text(2)}; },
              {});
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail("the database does not say how far it has come in the fleet's log");
  return **found;
}

Result<> set_position(Database& database, const Position& position) {
  return Statement(database, "UPDATE fleet_position SET number = ?, entry = ?, log = ?")
      .run({position.number, position.id, position.log});
}

Application apply(Database& database, const std::vector<Entry>& entries) {
  return in_one_transaction(database, [&]() -> Application {
    const auto known = database.version();
    if (!known) return refuse(Cause::passes, known.error());
    auto position = position_of(database);
    if (!position) return refuse(Cause::passes, position.error());
    const auto first = position->number + 1;
    for (const auto& entry : entries) {
      if (entry.number <= position->number) continue;
      if (entry.schema > *known && entry.number > first) break;  // what came before it counts
      if (entry.schema > *known) return refuse_newer(entry.node, entry.schema, *known);
      if (auto applied = apply_one(database, entry); !applied) return applied;
      position->number = entry.number;
      position->id = entry.id;
    }
    return as_application(set_position(database, *position));
  });
}

Application apply(Database& database, const Snapshot& snapshot, const GetPart& part, const ChangeLocal& local) {
  return in_one_transaction(database, [&]() -> Application {
    const auto known = database.version();
    if (!known) return refuse(Cause::passes, known.error());
    const auto position = position_of(database);
    if (!position) return refuse(Cause::passes, position.error());
    if (position->number >= snapshot.number) return {};
    if (snapshot.schema > *known) return refuse_newer("another bastion", snapshot.schema, *known);
    for (const auto* const table : kShared) {
      const auto emptied = database.run(fmt::format("DELETE FROM main.{}", table).c_str());
      if (!emptied) return refuse(Cause::passes, emptied.error());
    }
    const auto what = fmt::format("the fleet's snapshot of entry {}", snapshot.number);
    for (int number = 0; number < snapshot.parts; ++number) {
      const auto changeset = part(number);
      if (!changeset) return refuse(Cause::passes, changeset.error());
      const auto applied = apply_changeset(database, *changeset, what);
      if (!applied) return std::unexpected(applied.error());
    }
    if (auto finished = finish(database, snapshot, position->log); !finished) {
      return refuse(Cause::passes, finished.error());
    }
    if (auto changed = local(); !changed) return refuse(Cause::passes, changed.error());
    const auto orphan = Statement(database, "SELECT \"table\" FROM pragma_foreign_key_check")
                            .first([](const Row& row) { return row.text(0); }, {});
    if (!orphan) return refuse(Cause::passes, orphan.error());
    if (*orphan) return refuse(Cause::does_not_fit, {fmt::format("{}: a row of {} points nowhere", what, **orphan)});
    return {};
  });
}

Result<> write_rows_anew(Database& database) {
  const auto known = database.version();
  if (!known) return std::unexpected(known.error());
  const auto written =
      Statement(database, "SELECT rows_of FROM fleet_position").first([](const Row& row) { return row.number(0); }, {});
  if (!written) return std::unexpected(written.error());
  if (written->value_or(0) >= *known) return {};
  const auto done = in_one_transaction(database, [&]() -> Application {
    for (const auto* const table : kShared) {
      const auto column = Statement(database, "SELECT name FROM pragma_table_info(?, 'main') ORDER BY cid DESC LIMIT 1")
                              .first([](const Row& row) { return row.text(0); }, {std::string_view(table)});
      if (!column) return refuse(Cause::passes, column.error());
      const auto sql = fmt::format("UPDATE main.{0} SET {1} = {1}", table, column->value_or(""));
      if (auto anew = database.run(sql.c_str()); !anew) return refuse(Cause::passes, anew.error());
    }
    return as_application(Statement(database, "UPDATE fleet_position SET rows_of = ?").run({*known}));
  });
  return done ? Result<>{} : std::unexpected(done.error().error);
}

Result<bool> has_directory(Database& database) {
  for (const auto* const table : kShared) {
    const auto any = Statement(database, fmt::format("SELECT 1 FROM main.{} LIMIT 1", table))
                         .first([](const Row& row) { return row.number(0); }, {});
    if (!any) return std::unexpected(any.error());
    if (*any) return true;
  }
  return false;
}

Result<std::string> sequences_of(Database& database) {
  const auto found = Statement(database, "SELECT name || ' ' || seq FROM sqlite_sequence ORDER BY name")
                         .all([](const Row& row) { return row.text(0); }, {});
  if (!found) return std::unexpected(found.error());
  std::string lines;
  for (const auto& line : *found) {
    const auto table = std::string_view(line).substr(0, line.find(' '));
    if (std::ranges::find(kShared, table) != kShared.end()) lines += line + "\n";
  }
  return lines;
}

}  // namespace bastion::store::fleet
