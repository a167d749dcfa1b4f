#include "store/fleet/change_log.h"

#include <span>
#include <string_view>
#include <utility>

#include "store/busy.h"
#include "store/fleet/connection.h"
#include "store/fleet/parameters.h"
#include "store/fleet/snapshots.h"
#include "store/fleet/tables.h"

namespace bastion::store::fleet {
namespace {

// So much of the log is fetched at once, and so many rows of it; one entry may be larger.
constexpr int kRows = 500;
constexpr std::int64_t kBytes = std::int64_t{8} * 1024 * 1024;
// An entry that is large takes its time.
constexpr std::size_t kBytesInAMillisecond = 1024;

constexpr std::string_view kUniqueViolation = "23505";

}  // namespace

ChangeLog::ChangeLog(std::string conninfo, std::chrono::milliseconds patience)
    : connection_(std::make_unique<Connection>(std::move(conninfo))), patience_(patience) {}
ChangeLog::~ChangeLog() = default;
ChangeLog::ChangeLog(ChangeLog&& other) noexcept = default;

ChangeLog ChangeLog::another() const { return ChangeLog(connection_->conninfo(), patience_); }

void ChangeLog::hurry_when(const std::atomic<bool>& hurry) { connection_->hurry_when(hurry); }

Result<> ChangeLog::prepare() {
  connection_->begin(patience_);
  return prepare_tables(*connection_);
}

Result<std::string> ChangeLog::identity() {
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail("SELECT id FROM change_log_identity", {});
  if (!answer) return std::unexpected(answer.error());
  if (PQntuples(answer->get()) != 1) return fail("the fleet's database has no log");
  return std::string(text_in(**answer, 0, 0));
}

// The entry at the position comes with what follows it, to be compared: a log that was lost and begun anew has numbers
// too.
Result<ChangeLog::Following> ChangeLog::after(const Position& position) {
  constexpr auto* kFollowing =
      "SELECT number, id, node, schema, changeset FROM ("
      " SELECT number, id, node, schema, CASE WHEN number > $1 THEN changeset ELSE '' END AS changeset,"
      "  sum(CASE WHEN number > $1 THEN length(changeset) ELSE 0 END) OVER (ORDER BY number) - length(changeset) AS "
      "before"
      " FROM change_log WHERE number >= $1 ORDER BY number LIMIT $2) AS next WHERE before < $3 ORDER BY number";
  using Kind = Following::Kind;
  Parameters values;
  values.number(position.number).number(kRows).number(kBytes);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(kFollowing, values);
  if (!answer) return std::unexpected(answer.error());
  const auto& all = **answer;
  if (PQntuples(&all) == 0) return Following{.kind = position.number > 0 ? Kind::has_no_end : Kind::in_order};
  Following found;
  std::int64_t bytes = 0;
  auto expected = position.number == 0 ? 1 : position.number;
  for (int row = 0; row < PQntuples(&all); ++row, ++expected) {
    const auto changeset = text_in(all, row, 4);
    Entry entry{.number = number_in<std::int64_t>(all, row, 0),
                .id = std::string(text_in(all, row, 1)),
                .node = std::string(text_in(all, row, 2)),
                .schema = number_in<std::int32_t>(all, row, 3),
                .changeset = {changeset.begin(), changeset.end()}};
    const bool is_position = entry.number == position.number;
    if (is_position && entry.id != position.id) return Following{.kind = Kind::is_another};
    if (entry.number != expected || (!is_position && changeset.empty())) return Following{.kind = Kind::is_cut};
    bytes += static_cast<std::int64_t>(changeset.size());
    if (!is_position) found.entries.push_back(std::move(entry));
  }
  found.is_all = PQntuples(&all) < kRows && bytes < kBytes;
  return found;
}

// The entry before is locked against being cut off meanwhile: behind a gap nothing is appended.
Result<ChangeLog::Appended> ChangeLog::append(const Entry& entry, const std::string& behind) {
  constexpr auto* kAppend =
      "WITH previous AS (SELECT number FROM change_log WHERE number = $1::bigint - 1 AND id = $6 FOR KEY SHARE),"
      " appended AS (INSERT INTO change_log (number, id, node, schema, changeset) SELECT $1::bigint, $2, $3::text, "
      "$4::integer, $5::bytea"
      " WHERE (EXISTS (SELECT FROM previous) OR ($1::bigint = 1 AND NOT EXISTS (SELECT FROM change_log WHERE number > "
      "1)))"
      " AND NOT EXISTS (SELECT FROM nodes WHERE name = $3::text AND removed_at IS NOT NULL)"
      " RETURNING number) SELECT pg_notify('change_log', '') FROM appended";
  Parameters values;
  values.number(entry.number).text(entry.id).text(entry.node).integer(entry.schema).bytes(entry.changeset).text(behind);
  return insert(kAppend, values, entry);
}

Result<ChangeLog::Appended> ChangeLog::begin_with(const Entry& entry, const Snapshot& snapshot) {
  constexpr auto* kBegin =
      "WITH appended AS (INSERT INTO change_log (number, id, node, schema, changeset) SELECT $1::bigint, $2, $3, "
      "$4::integer, ''::bytea"
      " WHERE NOT EXISTS (SELECT FROM change_log WHERE number > 1) RETURNING number, id, node, schema),"
      " kept AS (INSERT INTO snapshots (number, entry, node, schema, name, parts, sequences)"
      " SELECT number, id, node, schema, $5, $6::integer, $7 FROM appended)"
      " SELECT pg_notify('change_log', '') FROM appended";
  Parameters values;
  values.number(entry.number).text(entry.id).text(entry.node).integer(entry.schema);
  values.text(snapshot.name).integer(snapshot.parts).text(snapshot.sequences);
  return insert(kBegin, values, entry);
}

// The number is the primary key, so an entry may be sent again when nobody knows what has become of it: a second one
// waits for the first, and is refused when that is there. Whether it is ours is asked with a lock, which is written: so
// a standby that answers are waited for has the entry before we say that it is there.
Result<ChangeLog::Appended> ChangeLog::insert(const char* sql, std::span<const std::string_view> values,
                                              const Entry& entry) {
  constexpr auto* kRemoved = "SELECT FROM nodes WHERE name = $1 AND removed_at IS NOT NULL";
  constexpr auto* kWhoIsThere = "SELECT id FROM change_log WHERE number = $1 FOR NO KEY UPDATE";
  const auto for_its_size = std::chrono::milliseconds(entry.changeset.size() / kBytesInAMillisecond);
  connection_->begin(patience_ + for_its_size);
  bool is_unanswered = false;
  while (true) {
    const auto answer = connection_->ask(sql, values);
    if (!answer && !connection_->has_sent()) return std::unexpected(answer.error());
    if (!answer) {
      is_unanswered = true;
      if (connection_->wait_a_moment()) continue;
      return fail("{}: {}", answer.error().text, kNotKnown);
    }
    if (PQresultStatus(answer->get()) == PGRES_TUPLES_OK && PQntuples(answer->get()) == 1) return Appended::yes;
    const auto* const state = PQresultErrorField(answer->get(), PG_DIAG_SQLSTATE);
    if (state != nullptr && state == kUniqueViolation) {
      const auto there = connection_->do_or_fail(kWhoIsThere, values.first(1));
      if (!there) return fail("{}: {}", there.error().text, kNotKnown);
      const bool is_ours = PQntuples(there->get()) == 1 && text_in(**there, 0, 0) == entry.id;
      return is_ours ? Appended::yes : Appended::taken;
    }
    if (state == nullptr && !is_unanswered) {
      const auto removed = connection_->do_or_fail(kRemoved, values.subspan(2, 1));
      if (!removed) return std::unexpected(removed.error());
      if (PQntuples(removed->get()) > 0) return fail("{}: {} changes nothing any more", kRemovedText, entry.node);
      return Appended::taken;  // nothing to stand behind
    }
    const auto why = state != nullptr ? Connection::refused(**answer) : fail("the fleet's log has changed");
    return is_unanswered ? fail("{}: {}", why.error().text, kNotKnown) : why;
  }
}

Result<> ChangeLog::wait_for_news(std::chrono::milliseconds most, int interrupted) {
  connection_->begin(patience_);
  const auto listened = connection_->listens("change_log");
  if (!listened) return std::unexpected(listened.error());
  if (!*listened) return {};
  const auto heard = connection_->hear(most, interrupted);
  return heard ? Result<>{} : std::unexpected(heard.error());
}

}  // namespace bastion::store::fleet
