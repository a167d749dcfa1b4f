// Rows of the audit as the fleet's records have them.
#pragma once

#include <string>
#include <vector>

#include "store/fleet/connection.h"
#include "store/fleet/records.h"

namespace bastion::store::fleet {

inline constexpr auto* kAuditColumns =
    "node, id, at, actor, action, subject, outcome, key_fingerprint, from_host, session, detail, origin";

[[nodiscard]] inline NodeEntry audit_row_in(const PGresult& rows, int row) {
  const auto text = [&](int column) { return std::string(text_in(rows, row, column)); };
  return {.node = text(0),
          .entry = {.at = number_in<std::int64_t>(rows, row, 2),
                    .actor = text(3),
                    .action = text(4),
                    .subject = text(5),
                    .outcome = text(6),
                    .key_fingerprint = text(7),
                    .from_host = text(8),
                    .session = text(9),
                    .detail = text(10),
                    .id = number_in<std::int64_t>(rows, row, 1)},
          .origin = text(11)};
}

[[nodiscard]] inline std::vector<NodeEntry> audit_rows_in(const PGresult& rows) {
  std::vector<NodeEntry> all;
  all.reserve(static_cast<std::size_t>(PQntuples(&rows)));
  for (int row = 0; row < PQntuples(&rows); ++row) all.push_back(audit_row_in(rows, row));
  return all;
}

}  // namespace bastion::store::fleet
