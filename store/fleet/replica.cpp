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
constexpr std::array kShared{"users",  "user_keys", "backends",          "containers",
                             "shares", "host_keys", "refused_host_keys", "bans"};

// What triggers and foreign keys would have done to the tables that are not shared.
constexpr auto* kNewGeneration = "UPDATE permissions SET generation = generation + 1";
constexpr auto* kForgetTheRemoved =
    "DELETE FROM key_uses WHERE key NOT IN (SELECT id FROM user_keys);"
    "DELETE FROM accepted_identities WHERE backend NOT IN (SELECT id FROM backends)"
    " OR container NOT IN (SELECT id FROM containers)";

std::unexpected<Error> failed_in(Database& database, std::string_view what) {
  return fail("{}: {}", what, sqlite3_errmsg(database.native().getHandle()));
}

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

Result<> Replica::begin(Database& database) {
  if (!std::exchange(again_, false)) give_up_at_ = std::chrono::steady_clock::now() + kPatience;
  sqlite3_session* session = nullptr;
  if (sqlite3session_create(database.native().getHandle(), "main", &session) != SQLITE_OK) {
    return failed_in(database, "the change cannot be recorded");
  }
  session_.reset(session);
  for (const auto* table : kShared) {
    if (sqlite3session_attach(session, table) != SQLITE_OK) return failed_in(database, "the change cannot be recorded");
  }
  return {};
}

Result<Replication::Verdict> Replica::agree(Database& database) {
  int size = 0;
  void* bytes = nullptr;
  const auto recorded = sqlite3session_changeset(session_.get(), &size, &bytes);
  const std::unique_ptr<void, decltype(&sqlite3_free)> changeset(bytes, sqlite3_free);
  if (recorded != SQLITE_OK) return failed_in(database, "the change cannot be recorded");
  if (size == 0) return Verdict::commit;  // nothing that others have
  const auto position = position_of(database);
  const auto version = database.version();
  const auto id =
      Statement(database, "SELECT lower(hex(randomblob(16)))").first([](const Row& row) { return row.text(0); }, {});
  if (!position) return std::unexpected(position.error());
  if (!version) return std::unexpected(version.error());
  if (!id) return std::unexpected(id.error());
  const auto* const first = static_cast<const std::uint8_t*>(bytes);
  const Entry entry{.number = position->number + 1,
                    .id = id->value_or(""),
                    .node = node_,
                    .schema = *version,
                    .changeset = {first, first + size}};
  const auto appended = log_.append(entry);
  if (!appended) return std::unexpected(appended.error());
  if (*appended == ChangeLog::Appended::taken) {
    if (std::chrono::steady_clock::now() > give_up_at_) {
      return fail("other bastions change the directory all the time: nothing was changed, try again");
    }
    again_ = true;
    return Verdict::again;
  }
  if (auto moved = set_position(database, {.number = entry.number, .id = entry.id}); !moved) {
    return fail("the change is in the fleet's log, and not here yet: {}", moved.error().text);
  }
  return Verdict::commit;
}

void Replica::end() { session_.reset(); }

}  // namespace bastion::store::fleet
