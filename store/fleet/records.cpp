#include "store/fleet/records.h"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <limits>
#include <span>
#include <utility>

#include "bastion/base/printable.h"
#include "store/fleet/audit_row.h"
#include "store/fleet/connection.h"
#include "store/fleet/parameters.h"
#include "store/statement.h"

namespace bastion::store::fleet {
namespace {

constexpr std::int64_t kForgottenAtOnce = 1000;

// A session, and the number of the last thing that became of it.
struct ChangedSession {
  Session session;
  std::int64_t changed = 0;
};

Result<std::string> origin_of(Database& database) {
  const auto found =
      Statement(database, "SELECT origin FROM record_origin").first([](const Row& row) { return row.text(0); }, {});
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail("the database does not say which one it is");
  return **found;
}

Result<std::vector<ChangedSession>> changed_after(Database& database, std::int64_t number, int limit) {
  return Statement(database,
                   "SELECT login, user, from_host, key_fingerprint, container, route, opened_at, closed_at,"
                   " bytes_from_user, bytes_from_container, reason, changed FROM sessions WHERE changed > ?"
                   " ORDER BY changed LIMIT ?")
      .all(
          [](const Row& row) {
            ChangedSession one{.session = {.opened = {.id = row.text(0),
                                                      .user = row.text(1),
                                                      .from_host = row.text(2),
                                                      .key_fingerprint = row.text(3),
                                                      .container = row.text(4),
                                                      .route = row.text(5),
                                                      .at = row.number(6)},
                                           .closed = std::nullopt},
                               .changed = row.number(11)};
            if (const auto at = row.optional_number(7)) {
              one.session.closed = SessionClosed{.id = one.session.opened.id,
                                                 .at = *at,
                                                 .bytes_from_user = row.number(8),
                                                 .bytes_from_container = row.number(9),
                                                 .reason = row.text(10)};
            }
            return one;
          },
          {number, limit});
}

// PostgreSQL takes no text with a NUL or with bytes that are no UTF-8, and one such row would hold up all that follow.
class Texts {
 public:
  std::string_view take(const std::string& text) { return kept_.emplace_back(printable(text)); }

 private:
  std::deque<std::string> kept_;
};

// `($3, $4), ($5, $6)`
std::string rows_of_parameters(std::size_t rows, std::size_t columns, std::size_t first) {
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    text += row == 0 ? "($1, $2" : ", ($1, $2";
    for (std::size_t column = 0; column < columns; ++column) text += fmt::format(", ${}", first++);
    text += ")";
  }
  return text;
}

std::string move_cursor(std::string_view which) {
  const bool of_audit = which == "audit";
  return fmt::format(
      " INSERT INTO record_cursors AS old (node, origin, audit, sessions) VALUES ($1, $2, {}, {})"
      " ON CONFLICT (node, origin) DO UPDATE SET {} = greatest(old.{}, EXCLUDED.{})",
      of_audit ? "$3" : "0", of_audit ? "0" : "$3", which, which, which);
}

}  // namespace

Records::Records(std::string conninfo, std::chrono::milliseconds patience)
    : connection_(std::make_unique<Connection>(std::move(conninfo))), patience_(patience) {}
Records::~Records() = default;
Records::Records(Records&& other) noexcept = default;
void Records::give_up_when(int descriptor) { connection_->give_up_when(descriptor); }

Result<Records::Cursor> Records::cursor(const std::string& node, const std::string& origin) {
  Parameters values;
  values.text(node).text(origin);
  const auto answer =
      connection_->do_or_fail("SELECT audit, sessions FROM record_cursors WHERE node = $1 AND origin = $2", values);
  if (!answer) return std::unexpected(answer.error());
  if (PQntuples(answer->get()) == 0) return Cursor{};
  return Cursor{.audit = number_in<std::int64_t>(**answer, 0, 0), .sessions = number_in<std::int64_t>(**answer, 0, 1)};
}

Result<Records::Left> Records::carry(Database& database, const std::string& node) {
  const auto origin = origin_of(database);
  if (!origin) return std::unexpected(origin.error());
  connection_->begin(patience_);
  const auto from = cursor(node, *origin);
  if (!from) return std::unexpected(from.error());
  const auto sessions = carry_sessions(database, node, *origin, from->sessions);
  if (!sessions) return sessions;
  const auto audit = carry_audit(database, node, *origin, from->audit);
  if (!audit) return audit;
  return *sessions == Left::more || *audit == Left::more ? Left::more : Left::nothing;
}

Result<Records::Left> Records::carry_audit(Database& database, const std::string& node, const std::string& origin,
                                           std::int64_t after) {
  constexpr std::size_t kColumns = 10;
  const auto entries = Audit(database).after(after, kBatch);
  if (!entries) return std::unexpected(entries.error());
  if (entries->empty()) return Left::nothing;
  const auto sql = fmt::format(
      "WITH carried AS (INSERT INTO audit_records (node, origin, id, at, actor, action, subject, outcome,"
      " key_fingerprint, from_host, session, detail) VALUES {} ON CONFLICT DO NOTHING){}",
      rows_of_parameters(entries->size(), kColumns, 4), move_cursor("audit"));
  Texts texts;
  Parameters values;
  values.text(node).text(origin).number(entries->back().id);
  for (const auto& entry : *entries) {
    values.number(entry.id).number(entry.at).text(texts.take(entry.actor)).text(texts.take(entry.action));
    values.text(texts.take(entry.subject)).text(texts.take(entry.outcome)).text(texts.take(entry.key_fingerprint));
    values.text(texts.take(entry.from_host)).text(texts.take(entry.session)).text(texts.take(entry.detail));
  }
  const auto done = connection_->do_or_fail(sql.c_str(), values);
  if (!done) return std::unexpected(done.error());
  return entries->size() == kBatch ? Left::more : Left::nothing;
}

// One that was carried is carried again as what it has become.
Result<Records::Left> Records::carry_sessions(Database& database, const std::string& node, const std::string& origin,
                                              std::int64_t after) {
  constexpr std::size_t kColumns = 12;
  const auto sessions = changed_after(database, after, kBatch);
  if (!sessions) return std::unexpected(sessions.error());
  if (sessions->empty()) return Left::nothing;
  const auto sql = fmt::format(
      "WITH carried AS (INSERT INTO session_records AS old (node, origin, id, changed, user_name, from_host,"
      " key_fingerprint, container, route, opened_at, closed_at, bytes_from_user, bytes_from_container, reason)"
      " VALUES {} ON CONFLICT (node, origin, id) DO UPDATE SET changed = EXCLUDED.changed,"
      " container = EXCLUDED.container, route = EXCLUDED.route, closed_at = EXCLUDED.closed_at,"
      " bytes_from_user = EXCLUDED.bytes_from_user, bytes_from_container = EXCLUDED.bytes_from_container,"
      " reason = EXCLUDED.reason WHERE old.changed < EXCLUDED.changed){}",
      rows_of_parameters(sessions->size(), kColumns, 4), move_cursor("sessions"));
  Texts texts;
  Parameters values;
  values.text(node).text(origin).number(sessions->back().changed);
  for (const auto& [session, changed] : *sessions) {
    const auto& [opened, closed] = session;
    values.text(texts.take(opened.id)).number(changed).text(texts.take(opened.user));
    values.text(texts.take(opened.from_host)).text(texts.take(opened.key_fingerprint));
    values.text(texts.take(opened.container)).text(texts.take(opened.route)).number(opened.at);
    if (closed) {
      values.number(closed->at).number(closed->bytes_from_user).number(closed->bytes_from_container);
      values.text(texts.take(closed->reason));
    } else {
      values.null().null().null().null();
    }
  }
  const auto done = connection_->do_or_fail(sql.c_str(), values);
  if (!done) return std::unexpected(done.error());
  return sessions->size() == kBatch ? Left::more : Left::nothing;
}

Result<Records::Left> Records::forget(const std::string& node, std::int64_t before) {
  constexpr std::array kForget{
      "DELETE FROM audit_records WHERE ctid IN ("
      " SELECT ctid FROM audit_records WHERE node = $1 AND at < $2 ORDER BY at LIMIT $3)",
      "DELETE FROM session_records WHERE ctid IN (SELECT ctid FROM session_records"
      " WHERE node = $1 AND opened_at < $2 AND closed_at < $2 ORDER BY opened_at LIMIT $3)"};
  Parameters values;
  values.text(node).number(before).number(kForgottenAtOnce);
  connection_->begin(patience_);
  auto left = Left::nothing;
  for (const auto* sql : kForget) {
    const auto gone = connection_->do_or_fail(sql, values);
    if (!gone) return std::unexpected(gone.error());
    if (PQcmdTuples(gone->get()) == std::to_string(kForgottenAtOnce)) left = Left::more;
  }
  return left;
}

Result<std::vector<NodeEntry>> Records::audit(const Wanted& wanted) {
  const auto sql = fmt::format(
      "SELECT {} FROM audit_records WHERE at >= $1 AND ($2::text IS NULL OR actor = $2)"
      " AND ($3::text IS NULL OR node <> $3) AND at <= $4 AND (at, node, id) < ($4, $5, $6)"
      " ORDER BY at DESC, node DESC, id DESC LIMIT $7",
      kAuditColumns);
  // No name of a node is behind this one.
  constexpr std::string_view kLast = "~";
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  Parameters values;
  values.number(wanted.since);
  values.text_or_null(wanted.user).text_or_null(wanted.but_node);
  values.number(wanted.before ? wanted.before->entry.at : kMost);
  values.text(wanted.before ? std::string_view(wanted.before->node) : kLast);
  values.number(wanted.before ? wanted.before->entry.id : kMost).number(wanted.limit);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(sql.c_str(), values);
  if (!answer) return std::unexpected(answer.error());
  return audit_rows_in(**answer);
}

Result<std::int64_t> Records::time_of(const std::string& node, std::int64_t id) {
  Parameters values;
  values.text(node).number(id);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(
      "SELECT at FROM audit_records WHERE node = $1 AND id = $2 ORDER BY at DESC LIMIT 1", values);
  if (!answer) return std::unexpected(answer.error());
  if (PQntuples(answer->get()) == 0) return fail("there is no row {} of {} in the audit", id, node);
  return number_in<std::int64_t>(**answer, 0, 0);
}

Result<std::vector<NodeSession>> Records::sessions(const Wanted& wanted) {
  constexpr auto* kSessions =
      "SELECT node, id, user_name, from_host, key_fingerprint, container, route, opened_at, closed_at, bytes_from_user,"
      " bytes_from_container, reason FROM session_records WHERE opened_at >= $1"
      " AND ($2::text IS NULL OR user_name = $2) AND ($3::text IS NULL OR node <> $3)"
      " ORDER BY opened_at DESC, node, changed DESC LIMIT $4";
  Parameters values;
  values.number(wanted.since);
  values.text_or_null(wanted.user).text_or_null(wanted.but_node);
  values.number(wanted.limit);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(kSessions, values);
  if (!answer) return std::unexpected(answer.error());
  const auto& rows = **answer;
  std::vector<NodeSession> found;
  for (int row = 0; row < PQntuples(&rows); ++row) {
    const auto text = [&](int column) { return std::string(text_in(rows, row, column)); };
    NodeSession one{.node = text(0),
                    .session = {.opened = {.id = text(1),
                                           .user = text(2),
                                           .from_host = text(3),
                                           .key_fingerprint = text(4),
                                           .container = text(5),
                                           .route = text(6),
                                           .at = number_in<std::int64_t>(rows, row, 7)},
                                .closed = std::nullopt}};
    if (PQgetisnull(&rows, row, 8) == 0) {
      one.session.closed = SessionClosed{.id = one.session.opened.id,
                                         .at = number_in<std::int64_t>(rows, row, 8),
                                         .bytes_from_user = number_in<std::int64_t>(rows, row, 9),
                                         .bytes_from_container = number_in<std::int64_t>(rows, row, 10),
                                         .reason = text(11)};
    }
    found.push_back(std::move(one));
  }
  return found;
}

}  // namespace bastion::store::fleet
