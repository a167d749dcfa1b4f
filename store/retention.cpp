#include "store/retention.h"

#include <algorithm>

#include "store/audit_chain.h"
#include "store/database.h"
#include "store/statement.h"

namespace bastion::store {
namespace {

struct LookedAt {
  AuditPlace place;
  bool is_worth_less = false;
};

std::int64_t first_id(const Row& row) { return row.number(0); }

// Removes what `select` names by its id; its parameters are a time and how many. Whether there may be more.
Result<bool> remove_before(Database& database, const char* select, const char* remove, std::int64_t time) {
  const auto ids = Statement(database, select).all(first_id, {time, HistoryPruner::kStep});
  if (!ids) return std::unexpected(ids.error());
  Statement removal(database, remove);
  for (const auto id : *ids) {
    if (auto removed = removal.run({id}); !removed) return std::unexpected(std::move(removed.error()));
  }
  return ids->size() == static_cast<std::size_t>(HistoryPruner::kStep);
}

// The newest row stays, so that its number is not given to another one.
constexpr auto* kOldAudit =
    "SELECT id FROM audit WHERE at < ? AND id < (SELECT max(id) FROM audit) ORDER BY at, id LIMIT ?";
constexpr auto* kRemoveAudit = "DELETE FROM audit WHERE id = ?";

Result<bool> remove_old(Database& database, std::int64_t before) {
  const auto audit = remove_before(database, kOldAudit, kRemoveAudit, before);
  if (!audit) return audit;
  const auto sessions =
      remove_before(database, "SELECT id FROM sessions WHERE closed_at < ? ORDER BY closed_at LIMIT ?",
                    "DELETE FROM sessions WHERE id = ?", before);
  if (!sessions) return sessions;
  return *audit || *sessions;
}

}  // namespace

// What has no link of the chain yet gets it before anything is taken away.
Result<bool> HistoryPruner::step(Database& database, std::int64_t now) {
  AuditChain chain(database);
  const auto unlinked = chain.extend();
  if (!unlinked || *unlinked) return unlinked;
  const auto more = take_away(database, now);
  if (!more) return more;
  if (auto trimmed = chain.trim(); !trimmed) return std::unexpected(std::move(trimmed.error()));
  return more;
}

Result<bool> HistoryPruner::take_away(Database& database, std::int64_t now) {
  bool more = false;
  if (retention_.seconds > 0) {
    const auto old = remove_old(database, now - retention_.seconds);
    if (!old) return old;
    more = *old;
  }
  if (retention_.seconds_reads > 0) {
    const auto reads = remove_reads(database, now);
    if (!reads) return reads;
    more = more || *reads;
  }
  return more;
}

// Rows that are kept stand between those that are not, so each step begins where the last one ended.
Result<bool> HistoryPruner::remove_reads(Database& database, std::int64_t now) {
  const auto read = [this](const Row& row) {
    const auto action = row.text(2);
    const bool is_denial = (action == "login" && row.text(3) == "denied") || action == "refuse";
    return LookedAt{{row.number(0), row.number(1)},
                    is_denial || std::ranges::find(retention_.reads, action) != retention_.reads.end()};
  };
  const auto rows = Statement(database,
                              "SELECT at, id, action, outcome FROM audit WHERE (at, id) > (?, ?) AND at < ?"
                              " AND id < (SELECT max(id) FROM audit) ORDER BY at, id LIMIT ?")
                        .all(read, {looked_at_.at, looked_at_.id, now - retention_.seconds_reads, kStep});
  if (!rows) return std::unexpected(rows.error());
  Statement remove(database, kRemoveAudit);
  for (const auto& row : *rows) {
    if (!row.is_worth_less) continue;
    if (auto removed = remove.run({row.place.id}); !removed) return std::unexpected(std::move(removed.error()));
  }
  if (!rows->empty()) looked_at_ = rows->back().place;
  return rows->size() == static_cast<std::size_t>(kStep);
}

}  // namespace bastion::store
