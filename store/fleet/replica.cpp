#include "store/fleet/replica.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <optional>
#include <string_view>
#include <utility>

#include "store/fleet/all_rows.h"
#include "store/fleet/application.h"
#include "store/fleet/only_gives.h"
#include "store/statement.h"

namespace bastion::store::fleet {
namespace {

std::unexpected<Error> not_recorded(Database& database) {
  return fail("the change cannot be recorded: {}", sqlite3_errmsg(database.native().getHandle()));
}

Result<std::string> new_id(Database& database) {
  const auto id =
      Statement(database, "SELECT lower(hex(randomblob(16)))").first([](const Row& row) { return row.text(0); }, {});
  if (!id) return std::unexpected(id.error());
  return id->value_or("");
}

Standing standing_after(Refusal::Cause cause) {
  switch (cause) {
    case Refusal::Cause::passes: return Standing::behind;
    case Refusal::Cause::is_newer: return Standing::outdated;
    case Refusal::Cause::does_not_fit: return Standing::differs;
  }
  return Standing::differs;
}

}  // namespace

void Replica::EndSession::operator()(sqlite3_session* session) const { sqlite3session_delete(session); }

Replica::Replica(ChangeLog log, std::string node) : log_(std::move(log)), node_(std::move(node)) {}
Replica::~Replica() = default;

std::span<const char* const> Replica::shared_tables() { return fleet::shared_tables(); }
Result<Position> Replica::position_of(Database& database) { return fleet::position_of(database); }
Result<> Replica::leave(Database& database) { return set_position(database, {}); }

std::unexpected<Error> Replica::stop(Standing standing, const Error& error) {
  standing_ = standing;
  return std::unexpected(error);
}

Result<> Replica::catch_up(Database& database) {
  while (true) {
    const auto more = take_what_follows(database);
    if (!more) return std::unexpected(more.error());
    if (*more) continue;
    standing_ = Standing::current;
    return {};
  }
}

// A copy of nothing yet is one of this log from now on. Its rows are such that changes of them can be recorded.
Result<Position> Replica::bind(Database& database) {
  if (auto written = write_rows_anew(database); !written) return std::unexpected(written.error());
  auto position = position_of(database);
  if (!position || (position->number > 0 && !position->log.empty())) return position;
  auto log = log_.identity();
  if (!log) return std::unexpected(log.error());
  if (position->log == *log) return position;
  position->log = *std::move(log);
  auto bound = database.change_here([&] { return set_position(database, *position); });
  if (!bound) return std::unexpected(bound.error());
  return position;
}

// Whether there may be more. What is appended meanwhile is told of, or stands in the way of what is appended here.
Result<bool> Replica::take_what_follows(Database& database) {
  using Kind = ChangeLog::Following::Kind;
  const auto position = bind(database);
  if (!position) return stop(Standing::behind, position.error());
  const auto following = log_.after(*position);
  if (!following) return stop(Standing::behind, following.error());
  switch (following->kind) {
    case Kind::in_order: break;
    case Kind::is_cut:
      if (auto taken = take_newest_snapshot(database, *position); !taken) return std::unexpected(taken.error());
      return true;
    case Kind::has_no_end:
      return stop(Standing::differs,
                  {fmt::format("the fleet's log has no entry {}, which this bastion has", position->number)});
    case Kind::is_another:
      return stop(Standing::differs, {"the fleet's log is another one than this bastion has followed"});
  }
  if (following->entries.empty()) return false;
  if (const auto applied = apply(database, following->entries); !applied) {
    return stop(standing_after(applied.error().cause), applied.error().error);
  }
  if (!following->is_all) return true;
  const auto reached = position_of(database);
  if (!reached) return stop(Standing::behind, reached.error());
  return reached->number < following->entries.back().number;  // it has stopped before what a newer program has written
}

Result<> Replica::take_newest_snapshot(Database& database, const Position& position) {
  const auto log = log_.identity();
  if (!log) return stop(Standing::behind, log.error());
  if (*log != position.log) {
    return stop(Standing::differs, {"the fleet's log is another one than this bastion has followed"});
  }
  const Snapshots snapshots(log_);
  const auto newest = snapshots.newest();
  if (!newest) return stop(Standing::behind, newest.error());
  if (!*newest || (*newest)->number <= position.number) {
    return stop(Standing::differs, {fmt::format("the fleet's log no longer has entry {}", position.number + 1)});
  }
  if (position.number == 0) {
    const auto has = has_directory(database);
    if (!has) return stop(Standing::behind, has.error());
    if (*has) return stop(Standing::differs, {"this bastion has a directory of its own, which is not the fleet's"});
  }
  const auto applied = apply(database, **newest, [&](int number) { return snapshots.part(**newest, number); });
  if (!applied) return stop(standing_after(applied.error().cause), applied.error().error);
  return {};
}

// Within a transaction. The parts are in PostgreSQL then, and do not count yet.
Result<> Replica::put_snapshot(Database& database, Snapshot& snapshot) {
  auto name = new_id(database);
  if (!name) return std::unexpected(name.error());
  snapshot.name = *std::move(name);
  const auto known = database.version();
  if (!known) return std::unexpected(known.error());
  snapshot.schema = *known;
  auto sequences = sequences_of(database);
  if (!sequences) return std::unexpected(sequences.error());
  snapshot.sequences = *std::move(sequences);
  AllRows rows(database, shared_tables());
  const auto parts = Snapshots(log_).put_parts(snapshot.name, [&] { return rows.next(); });
  if (!parts) return std::unexpected(parts.error());
  snapshot.parts = *parts;
  return {};
}

Result<> Replica::found(Database& database) {
  if (auto bound = bind(database); !bound) return std::unexpected(bound.error());
  return database.change_here([&]() -> Result<> {
    const auto position = position_of(database);
    if (!position) return std::unexpected(position.error());
    if (position->number > 0) return fail("this bastion follows a fleet's log already");
    const auto has = has_directory(database);
    if (!has) return std::unexpected(has.error());
    if (!*has) return fail("there is nothing in this bastion's directory to begin with");
    Snapshot snapshot;
    if (auto put = put_snapshot(database, snapshot); !put) return put;
    const auto entry = next_entry(database, *position, {});
    if (!entry) return std::unexpected(entry.error());
    const auto begun = log_.begin_with(*entry, snapshot);
    if (!begun) return std::unexpected(begun.error());
    if (*begun == ChangeLog::Appended::taken) return fail("another bastion has begun the fleet's log");
    return {};
  });
}

Result<> Replica::keep_log_short(Database& database, const Snapshots::Limits& limits) {
  Snapshots snapshots(log_);
  const auto due = snapshots.is_due(limits);
  if (!due || !*due) return due ? Result<>{} : std::unexpected(due.error());
  const auto begun = snapshots.begin();
  if (!begun || !*begun) return begun ? Result<>{} : std::unexpected(begun.error());
  auto kept = database.view([&]() -> Result<> {
    const auto position = position_of(database);
    if (!position) return std::unexpected(position.error());
    Snapshot snapshot;
    snapshot.number = position->number;
    snapshot.entry = position->id;
    if (auto put = put_snapshot(database, snapshot); !put) return put;
    return snapshots.keep(snapshot, node_);
  });
  snapshots.end();
  return kept;
}

Result<> Replica::bring_rows_up_to_date(Database& database, std::span<const Migration> steps) {
  return database.change_by(*this, [&]() -> Result<> {
    for (const auto& step : steps) {
      if (step.rows == nullptr) continue;
      if (auto done = database.run(step.rows); !done) return done;
    }
    return {};
  });
}

Result<> Replica::begin(Database& database) {
  if (!std::exchange(again_, false)) give_up_at_ = std::chrono::steady_clock::now() + kPatience;
  sqlite3_session* session = nullptr;
  if (sqlite3session_create(database.native().getHandle(), "main", &session) != SQLITE_OK)
    return not_recorded(database);
  session_.reset(session);
  taken_away_at_.reset();
  for (const auto* table : shared_tables()) {
    if (sqlite3session_attach(session, table) != SQLITE_OK) return not_recorded(database);
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
  const bool gives = only_gives(*changeset);
  const auto appended = append(database, *std::move(changeset));
  if (!appended) return std::unexpected(appended.error());
  if (*appended == ChangeLog::Appended::yes) {
    if (const auto made = position_of(database); made && !gives) taken_away_at_ = made->number;
    return Verdict::made;
  }
  if (std::chrono::steady_clock::now() > give_up_at_) {
    return fail("other bastions change the directory all the time: nothing was changed, try again");
  }
  again_ = true;
  return Verdict::again;
}

// At the number after the last one that is here, and it is the last one here as soon as this is committed.
Result<Entry> Replica::next_entry(Database& database, const Position& position, ByteVector changeset) {
  const auto version = database.version();
  if (!version) return std::unexpected(version.error());
  auto id = new_id(database);
  if (!id) return std::unexpected(id.error());
  Entry entry{.number = position.number + 1,
              .id = *std::move(id),
              .node = node_,
              .schema = *version,
              .changeset = std::move(changeset)};
  auto moved = set_position(database, {.number = entry.number, .id = entry.id, .log = position.log});
  if (!moved) return std::unexpected(moved.error());
  return entry;
}

Result<ChangeLog::Appended> Replica::append(Database& database, ByteVector changeset) {
  const auto position = position_of(database);
  if (!position) return std::unexpected(position.error());
  const auto entry = next_entry(database, *position, std::move(changeset));
  if (!entry) return std::unexpected(entry.error());
  return log_.append(*entry, position->id);
}

void Replica::end() { session_.reset(); }

}  // namespace bastion::store::fleet
