#include "store/fleet/audit_tail.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/fleet/audit_row.h"
#include "store/fleet/connection.h"
#include "store/fleet/parameters.h"

namespace bastion::store::fleet {
namespace {

std::int64_t place_in(const AuditPlaces& places, const AuditOf& whose) {
  const auto found = places.find(whose);
  return found == places.end() ? 0 : found->second;
}

// Whose rows are wanted, behind which and up to which.
struct Part {
  AuditOf whose;
  std::int64_t behind = 0;
  std::int64_t up_to = 0;
};

// As the rows of a table: `($3::text, ...), (...)`.
std::string table_of_parts(std::size_t count, std::size_t first) {
  std::string text;
  for (std::size_t part = 0; part < count; ++part, first += 4) {
    text += fmt::format("{}(${}::text, ${}::text, ${}::bigint, ${}::bigint)", part == 0 ? "" : ", ", first, first + 1,
                        first + 2, first + 3);
  }
  return text;
}

}  // namespace

AuditTail::AuditTail(std::string conninfo, std::string but_node, std::chrono::milliseconds patience)
    : connection_(std::make_unique<Connection>(std::move(conninfo))),
      but_node_(std::move(but_node)),
      patience_(patience) {}
AuditTail::~AuditTail() = default;

Result<AuditPlaces> AuditTail::ends() {
  Parameters values;
  values.text(but_node_);
  connection_->begin(patience_);
  const auto answer =
      connection_->do_or_fail("SELECT node, origin, audit FROM record_cursors WHERE node <> $1", values);
  if (!answer) return std::unexpected(answer.error());
  const auto& rows = **answer;
  AuditPlaces places;
  for (int row = 0; row < PQntuples(&rows); ++row) {
    places[{.node = std::string(text_in(rows, row, 0)), .origin = std::string(text_in(rows, row, 1))}] =
        number_in<std::int64_t>(rows, row, 2);
  }
  return places;
}

Result<std::vector<NodeEntry>> AuditTail::latest(const AuditPlaces& up_to, const Wanted& wanted) {
  const auto sql = fmt::format(
      "SELECT {} FROM audit_records WHERE node <> $1 AND at >= $2 AND ($3::text IS NULL OR actor = $3)"
      " ORDER BY at DESC, node DESC, id DESC LIMIT $4",
      kAuditColumns);
  Parameters values;
  values.text(but_node_).number(wanted.since).text_or_null(wanted.user).number(wanted.limit);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(sql.c_str(), values);
  if (!answer) return std::unexpected(answer.error());
  auto rows = audit_rows_in(**answer);
  std::erase_if(rows, [&](const NodeEntry& row) {
    return row.entry.id > place_in(up_to, {.node = row.node, .origin = row.origin});
  });
  return rows;
}

Result<std::vector<NodeEntry>> AuditTail::next(AuditPlaces& places, const std::optional<std::string>& user, int limit) {
  const auto now = ends();
  if (!now) return std::unexpected(now.error());
  std::vector<Part> parts;
  for (const auto& [whose, end] : *now) {
    const auto behind = place_in(places, whose);
    if (end > behind) parts.push_back({.whose = whose, .behind = behind, .up_to = end});
  }
  if (parts.empty()) return std::vector<NodeEntry>{};
  const auto sql = fmt::format(
      "SELECT {} FROM (VALUES {}) AS part (whose, of_origin, behind, up_to) CROSS JOIN LATERAL ("
      "SELECT * FROM audit_records WHERE node = whose AND origin = of_origin AND id > behind AND id <= up_to"
      " AND ($1::text IS NULL OR actor = $1) ORDER BY id LIMIT $2) AS found ORDER BY at, node, id",
      kAuditColumns, table_of_parts(parts.size(), 3));
  Parameters values;
  values.text_or_null(user).number(limit);
  for (const auto& part : parts) {
    values.text(part.whose.node).text(part.whose.origin).number(part.behind).number(part.up_to);
  }
  const auto answer = connection_->do_or_fail(sql.c_str(), values);
  if (!answer) return std::unexpected(answer.error());
  auto rows = audit_rows_in(**answer);
  AuditPlaces reached;
  std::map<AuditOf, int> counts;
  for (const auto& row : rows) {
    const AuditOf whose{.node = row.node, .origin = row.origin};
    reached[whose] = std::max(reached[whose], row.entry.id);
    ++counts[whose];
  }
  // Of whom all was found, what was left out is of other people.
  for (const auto& part : parts) places[part.whose] = counts[part.whose] < limit ? part.up_to : reached[part.whose];
  return rows;
}

Result<std::string> AuditTail::origin_of(const std::string& node, std::int64_t id) {
  Parameters values;
  values.text(node).number(id);
  connection_->begin(patience_);
  const auto answer = connection_->do_or_fail(
      "SELECT origin FROM audit_records WHERE node = $1 AND id = $2 ORDER BY at DESC LIMIT 1", values);
  if (!answer) return std::unexpected(answer.error());
  if (PQntuples(answer->get()) == 0) return fail("there is no row {} of {} in the audit", id, node);
  return std::string(text_in(**answer, 0, 0));
}

}  // namespace bastion::store::fleet
