#include "store/fleet/replica.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "store/failure.h"
#include "store/statement.h"

namespace bastion::store::fleet {
namespace {

// In the order in which they stand on each other. Each has a primary key, or there would be no change to record.
constexpr std::array kShared{"users",     "user_keys",         "backends", "containers",       "shares",
                             "host_keys", "refused_host_keys", "host_cas", "host_key_aliases", "certified_hosts",
                             "bans"};

// What triggers and foreign keys would have done to the tables that are not shared.
constexpr auto* kNewGeneration = "UPDATE permissions SET generation = generation + 1";
constexpr auto* kForgetTheRemoved =
    "DELETE FROM key_uses WHERE key NOT IN (SELECT id FROM user_keys);"
    "DELETE FROM accepted_identities WHERE backend NOT IN (SELECT id FROM backends)"
    " OR container NOT IN (SELECT id FROM containers)";

std::unexpected<Error> failed_in(Database& database, std::string_view what) {
  return fail("{}: {}", what, sqlite3_errmsg(database.native().getHandle()));
}

std::unexpected<Error> not_recorded(Database& database) { return failed_in(database, "the change cannot be recorded"); }

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

struct FinishIteration {
  void operator()(sqlite3_changeset_iter* iterator) const { sqlite3changeset_finalize(iterator); }
};

bool removes_something(const ByteVector& changeset) {
  sqlite3_changeset_iter* raw = nullptr;
  const auto size = static_cast<int>(changeset.size());
  if (sqlite3changeset_start(&raw, size, const_cast<std::uint8_t*>(changeset.data())) != SQLITE_OK) return true;
  const std::unique_ptr<sqlite3_changeset_iter, FinishIteration> iterator(raw);
  while (sqlite3changeset_next(raw) == SQLITE_ROW) {
    const char* table = nullptr;
    int columns = 0;
    int operation = 0;
    int indirect = 0;
    sqlite3changeset_op(raw, &table, &columns, &operation, &indirect);
    if (operation == SQLITE_DELETE) return true;
  }
  return false;
}

// An entry is what became of rows that every copy had: one that finds others is no copy, and goes no further.
int never(void* /*context*/, int /*conflict*/, sqlite3_changeset_iter* /*where*/) { return SQLITE_CHANGESET_ABORT; }

Result<> set_position(Database& database, const Position& position) {
  return Statement(database, "UPDATE fleet_position SET number = ?, entry = ?").run({position.number, position.id});
}

Result<> apply_one(Database& database, const Entry& entry) {
  const auto size = static_cast<int>(entry.changeset.size());
  auto* const bytes = const_cast<std::uint8_t*>(entry.changeset.data());
  if (sqlite3changeset_apply(database.native().getHandle(), size, bytes, nullptr, never, nullptr) != SQLITE_OK) {
    return failed_in(database,
                     fmt::format("entry {} of the fleet's log does not fit this bastion's database", entry.number));
  }
  if (auto counted = database.run(kNewGeneration); !counted) return counted;
  return removes_something(entry.changeset) ? database.run(kForgetTheRemoved) : Result<>{};
}

// Another connection of this bastion may have applied some of them.
Result<> apply(Database& database, const std::vector<Entry>& entries) {
  const auto known = database.version();
  if (!known) return std::unexpected(known.error());
  const WithoutRules without(database);
  return database.change_here([&]() -> Result<> {
    auto position = Replica::position_of(database);
    if (!position) return std::unexpected(position.error());
    for (const auto& entry : entries) {
      if (entry.number <= position->number) continue;
      if (entry.schema > *known) {
        return fail(
            "{} has changed the directory with a newer program (version {}; this one knows {}): upgrade this bastion",
            entry.node, entry.schema, *known);
      }
      if (auto applied = apply_one(database, entry); !applied) return applied;
      *position = {.number = entry.number, .id = entry.id};
    }
    return set_position(database, *position);
  });
}

}  // namespace

void Replica::EndSession::operator()(sqlite3_session* session) const { sqlite3session_delete(session); }

Replica::Replica(ChangeLog log, std::string node) : log_(std::move(log)), node_(std::move(node)) {}
Replica::~Replica() = default;

std::span<const char* const> Replica::shared_tables() { return kShared; }

Result<Position> Replica::position_of(Database& database) {
  const auto found =
      Statement(database, "SELECT number, entry FROM fleet_position")
          .first([](const Row& row) { return Position{.number = row.number(0), .id = row.text(1)}; }, {});
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail("the database does not say how far it has come in the fleet's log");
  return **found;
}

Result<> Replica::catch_up(Database& database) {
  while (true) {
    const auto position = position_of(database);
    if (!position) return std::unexpected(position.error());
    const auto entries = log_.after(*position);
    if (!entries) return std::unexpected(entries.error());
    if (entries->empty()) return {};
    if (auto applied = apply(database, *entries); !applied) return applied;
  }
}

Result<> Replica::found(Database& database) {
  if (auto attached = database.run("ATTACH ':memory:' AS blank"); !attached) return attached;
  auto founded = database.change_here([&]() -> Result<> {
    const auto position = position_of(database);
    if (!position) return std::unexpected(position.error());
    if (position->number > 0) return fail("this bastion follows a fleet's log already");
    if (auto all = record_everything(database); !all) return all;
    auto changeset = recorded(database);
    if (!changeset) return std::unexpected(changeset.error());
    if (changeset->empty()) return fail("there is nothing in this bastion's directory to begin with");
    const auto appended = append(database, *std::move(changeset));
    if (!appended) return std::unexpected(appended.error());
    if (*appended == ChangeLog::Appended::taken) return fail("another bastion has begun the fleet's log");
    return {};
  });
  end();
  std::ignore = database.run("DETACH blank");
  return founded;
}

Result<> Replica::begin(Database& database) {
  if (!std::exchange(again_, false)) give_up_at_ = std::chrono::steady_clock::now() + kPatience;
  return record(database);
}

Result<> Replica::record(Database& database) {
  sqlite3_session* session = nullptr;
  if (sqlite3session_create(database.native().getHandle(), "main", &session) != SQLITE_OK)
    return not_recorded(database);
  session_.reset(session);
  for (const auto* table : kShared) {
    if (sqlite3session_attach(session, table) != SQLITE_OK) return not_recorded(database);
  }
  return {};
}

// As if every row had been added now: what differs from tables of the same form with nothing in them.
Result<> Replica::record_everything(Database& database) {
  if (auto recording = record(database); !recording) return recording;
  for (const auto* table : kShared) {
    const auto form = Statement(database, "SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?")
                          .first([](const Row& row) { return row.text(0); }, {std::string_view(table)});
    if (!form) return std::unexpected(form.error());
    if (!*form) return fail("the database has no table {}", table);
    const auto columns = (*form)->substr((*form)->find('('));
    const auto made = database.run(fmt::format("CREATE TABLE blank.{} {}", table, columns).c_str());
    if (!made) return made;
    if (sqlite3session_diff(session_.get(), "blank", table, nullptr) != SQLITE_OK) return not_recorded(database);
  }
  return {};
}

Result<ByteVector> Replica::recorded(Database& database) {
  int size = 0;
  void* bytes = nullptr;
  const auto done = sqlite3session_changeset(session_.get(), &size, &bytes);
  const std::unique_ptr<void, decltype(&sqlite3_free)> changeset(bytes, sqlite3_free);
  if (done != SQLITE_OK) return not_recorded(database);
  const auto* const first = static_cast<const std::uint8_t*>(bytes);
  return ByteVector(first, first + size);
}

Result<Replication::Verdict> Replica::agree(Database& database) {
  auto changeset = recorded(database);
  if (!changeset) return std::unexpected(changeset.error());
  if (changeset->empty()) return Verdict::commit;  // nothing that others have
  if (!caught_up_) return std::unexpected(caught_up_.error());
  const auto appended = append(database, *std::move(changeset));
  if (!appended) return std::unexpected(appended.error());
  if (*appended == ChangeLog::Appended::yes) return Verdict::commit;
  if (std::chrono::steady_clock::now() > give_up_at_) {
    return fail("other bastions change the directory all the time: nothing was changed, try again");
  }
  again_ = true;
  return Verdict::again;
}

// At the number after the last one that is here, and then this one is the last.
Result<ChangeLog::Appended> Replica::append(Database& database, ByteVector changeset) {
  const auto position = position_of(database);
  if (!position) return std::unexpected(position.error());
  const auto version = database.version();
  if (!version) return std::unexpected(version.error());
  const auto id =
      Statement(database, "SELECT lower(hex(randomblob(16)))").first([](const Row& row) { return row.text(0); }, {});
  if (!id) return std::unexpected(id.error());
  const Entry entry{.number = position->number + 1,
                    .id = id->value_or(""),
                    .node = node_,
                    .schema = *version,
                    .changeset = std::move(changeset)};
  auto appended = log_.append(entry);
  if (!appended || *appended == ChangeLog::Appended::taken) return appended;
  if (auto moved = set_position(database, {.number = entry.number, .id = entry.id}); !moved) {
    return fail("the change is in the fleet's log, and not here yet: {}", moved.error().text);
  }
  return appended;
}

void Replica::end() { session_.reset(); }

}  // namespace bastion::store::fleet
