#include "store/fleet/change_log.h"

#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "store/busy.h"
#include "store/fleet/connection.h"
#include "store/fleet/tables.h"

namespace bastion::store::fleet {
namespace {

// So much of the log is fetched at once, and so many rows of it; one entry may be larger.
constexpr int kRows = 500;
constexpr std::int64_t kBytes = std::int64_t{8} * 1024 * 1024;

constexpr std::string_view kUniqueViolation = "23505";

}  // namespace

ChangeLog::ChangeLog(std::string conninfo) : connection_(std::make_unique<Connection>(std::move(conninfo))) {}
ChangeLog::~ChangeLog() = default;
ChangeLog::ChangeLog(ChangeLog&& other) noexcept = default;

void ChangeLog::hurry_when(const std::atomic<bool>& hurry) { connection_->hurry_when(hurry); }

Result<> ChangeLog::prepare() {
  connection_->begin(kPatience);
  return prepare_tables(*connection_);
}

// The entry at the position comes with what follows it, to be compared: a log that was lost and begun anew has numbers
// too.
Result<std::vector<Entry>> ChangeLog::after(const Position& position) {
  constexpr auto* kFollowing =
      "SELECT number, id, node, schema, changeset FROM ("
      " SELECT number, id, node, schema, CASE WHEN number > $1 THEN changeset ELSE '' END AS changeset,"
      "  sum(CASE WHEN number > $1 THEN length(changeset) ELSE 0 END) OVER (ORDER BY number) - length(changeset) AS "
      "before"
      " FROM change_log WHERE number >= $1 ORDER BY number LIMIT $2) AS next WHERE before < $3 ORDER BY number";
  const auto number = wire_of(position.number);
  const auto rows = wire_of<std::int64_t>(kRows);
  const auto bytes = wire_of(kBytes);
  const std::array<std::string_view, 3> values{std::string_view(number.data(), number.size()),
                                               std::string_view(rows.data(), rows.size()),
                                               std::string_view(bytes.data(), bytes.size())};
  connection_->begin(kPatience);
  const auto answer = connection_->do_or_fail(kFollowing, values);
  if (!answer) return std::unexpected(answer.error());
  std::vector<Entry> found;
  auto expected = position.number;
  for (int row = 0; row < PQntuples(answer->get()); ++row) {
    const auto& all = **answer;
    const auto changeset = text_in(all, row, 4);
    Entry entry{.number = number_in<std::int64_t>(all, row, 0),
                .id = std::string(text_in(all, row, 1)),
                .node = std::string(text_in(all, row, 2)),
                .schema = number_in<std::int32_t>(all, row, 3),
                .changeset = {changeset.begin(), changeset.end()}};
    if (entry.number == position.number) {
      if (entry.id != position.id) return fail("the fleet's log is another one than this bastion has followed");
      continue;
    }
    if (entry.number != ++expected) return fail("the fleet's log no longer has entry {}", expected);
    found.push_back(std::move(entry));
  }
  if (PQntuples(answer->get()) == 0 && position.number > 0) {
    return fail("the fleet's log has no entry {}, which this bastion has", position.number);
  }
  return found;
}

// The number is the primary key, so an entry may be sent again when nobody knows what has become of it: a second one
// waits for the first, and is refused when that is there.
Result<ChangeLog::Appended> ChangeLog::append(const Entry& entry) {
  constexpr auto* kAppend =
      "WITH appended AS (INSERT INTO change_log (number, id, node, schema, changeset) SELECT $1::bigint, $2::text, "
      "$3::text, $4::integer, $5::bytea"
      " WHERE NOT EXISTS (SELECT FROM nodes WHERE name = $3 AND removed_at IS NOT NULL) RETURNING number) SELECT "
      "pg_notify('change_log', '') FROM appended";
  constexpr auto* kWhoIsThere = "SELECT id FROM change_log WHERE number = $1";
  const auto number = wire_of(entry.number);
  const auto schema = wire_of(std::int32_t{entry.schema});
  const std::array<std::string_view, 5> values{std::string_view(number.data(), number.size()), entry.id, entry.node,
                                               std::string_view(schema.data(), schema.size()),
                                               text_of(entry.changeset)};
  connection_->begin(kPatience);
  while (true) {
    const auto answer = connection_->ask(kAppend, values);
    if (!answer && !connection_->has_sent()) return std::unexpected(answer.error());
    if (!answer && connection_->wait_a_moment()) continue;
    if (!answer) return fail("{}: it is not known whether the change was made", answer.error().text);
    if (PQresultStatus(answer->get()) == PGRES_TUPLES_OK) {
      if (PQntuples(answer->get()) > 0) return Appended::yes;
      return fail("{}: {} changes nothing any more", kRemovedText, entry.node);
    }
    const auto* const state = PQresultErrorField(answer->get(), PG_DIAG_SQLSTATE);
    if (state == nullptr || state != kUniqueViolation) return Connection::refused(**answer);
    const auto there = connection_->do_or_fail(kWhoIsThere, std::span(values).first(1));
    if (!there) return fail("{}: it is not known whether the change was made", there.error().text);
    const bool is_ours = PQntuples(there->get()) == 1 && text_in(**there, 0, 0) == entry.id;
    return is_ours ? Appended::yes : Appended::taken;
  }
}

Result<> ChangeLog::wait_for_news(std::chrono::milliseconds most, int interrupted) {
  connection_->begin(kPatience);
  const auto listened = connection_->listens("change_log");
  if (!listened) return std::unexpected(listened.error());
  if (!*listened) return {};
  const auto heard = connection_->hear(most, interrupted);
  return heard ? Result<>{} : std::unexpected(heard.error());
}

}  // namespace bastion::store::fleet
