#include "store/retention.h"

#include <algorithm>
#include <optional>

#include "store/database.h"
#include "store/statement.h"

namespace bastion::store {
namespace {

bool is_over(std::int64_t at, std::int64_t now, std::int64_t seconds) { return seconds > 0 && at < now - seconds; }

struct OldRow {
  AuditPlace place;
  bool is_over = false;
};

// Whether the row goes.
bool audit_row_is_over(const Row& row, const Retention& retention, std::int64_t now) {
  const auto at = row.number(0);
  if (is_over(at, now, retention.seconds)) return true;
  if (!is_over(at, now, retention.seconds_reads)) return false;
  const auto action = row.text(2);
  return (action == "login" && row.text(3) == "denied") ||
         std::ranges::find(retention.reads, action) != retention.reads.end();
}

// Rows that are kept stand between those that are not, so each step begins where the last one ended.
Result<bool> step_in_audit(Database& database, const Retention& retention, std::int64_t now, AuditPlace& looked_at) {
  const auto read = [&](const Row& row) {
    return OldRow{{row.number(0), row.number(1)}, audit_row_is_over(row, retention, now)};
  };
  // The newest row stays, so that its number is not given to another one.
  const auto rows = Statement(database,
                              "SELECT at, id, action, outcome FROM audit WHERE (at, id) > (?, ?)"
                              " AND id < (SELECT max(id) FROM audit) ORDER BY at, id LIMIT ?")
                        .all(read, {looked_at.at, looked_at.id, RetentionPass::kStep});
  if (!rows) return std::unexpected(rows.error());
  Statement remove(database, "DELETE FROM audit WHERE id = ?");
  for (const auto& [place, over] : *rows) {
    if (!is_over(place.at, now, retention.seconds) && !is_over(place.at, now, retention.seconds_reads)) return false;
    looked_at = place;
    if (!over) continue;
    if (auto removed = remove.run({place.id}); !removed) return std::unexpected(std::move(removed.error()));
  }
  return rows->size() == static_cast<std::size_t>(RetentionPass::kStep);
}

struct PastSession {
  std::int64_t id;
  std::int64_t opened_at;
  std::optional<std::int64_t> closed_at;
};

PastSession read_past_session(const Row& row) { return {row.number(0), row.number(1), row.optional_number(2)}; }

Result<bool> step_in_sessions(Database& database, const Retention& retention, std::int64_t now,
                              std::int64_t& looked_at) {
  const auto rows =
      Statement(database, "SELECT id, opened_at, closed_at FROM sessions WHERE id > ? ORDER BY id LIMIT ?")
          .all(read_past_session, {looked_at, RetentionPass::kStep});
  if (!rows) return std::unexpected(rows.error());
  Statement remove(database, "DELETE FROM sessions WHERE id = ?");
  for (const auto& row : *rows) {
    if (!is_over(row.opened_at, now, retention.seconds)) return false;
    looked_at = row.id;
    if (!row.closed_at || !is_over(*row.closed_at, now, retention.seconds)) continue;
    if (auto removed = remove.run({row.id}); !removed) return std::unexpected(std::move(removed.error()));
  }
  return rows->size() == static_cast<std::size_t>(RetentionPass::kStep);
}

}  // namespace

Result<bool> RetentionPass::step(Database& database, std::int64_t now) {
  const auto audit = step_in_audit(database, retention_, now, looked_at_);
  if (!audit) return audit;
  const auto sessions = step_in_sessions(database, retention_, now, session_);
  if (!sessions) return sessions;
  return *audit || *sessions;
}

}  // namespace bastion::store
