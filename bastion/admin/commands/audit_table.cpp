#include "bastion/admin/commands/audit_table.h"

namespace bastion::admin {
namespace {

Cell cell_of(const std::string& text) { return text.empty() ? Cell(nullptr) : Cell(text); }

}  // namespace

Table audit_table(const std::vector<store::AuditEntry>& entries) {
  Table table{{"id", "at", "user", "action", "outcome", "subject", "from", "key", "session", "detail"},
              {},
              "no rows in the audit",
              {"user", "action", "subject", "outcome", "at", "id"}};
  for (const auto& entry : entries) {
    table.rows.push_back({entry.id, timestamp_cell(entry.at), entry.actor, entry.action, entry.outcome, entry.subject,
                          cell_of(entry.from_host), cell_of(entry.key_fingerprint), cell_of(entry.session),
                          cell_of(entry.detail)});
  }
  return table;
}

Table audit_table_of_fleet(const std::vector<store::fleet::NodeEntry>& rows) {
  constexpr int kNodeColumn = 1;
  std::vector<store::AuditEntry> entries;
  entries.reserve(rows.size());
  for (const auto& row : rows) entries.push_back(row.entry);
  auto table = audit_table(entries);
  table.columns.insert(table.columns.begin() + kNodeColumn, "node");
  for (std::size_t i = 0; i < rows.size(); ++i) {
    table.rows[i].insert(table.rows[i].begin() + kNodeColumn, Cell(rows[i].node));
  }
  return table;
}

std::string audit_lines(const std::vector<store::LinkedEntry>& entries) {
  std::vector<store::AuditEntry> rows;
  rows.reserve(entries.size());
  for (const auto& one : entries) rows.push_back(one.entry);
  auto table = audit_table(rows);
  table.columns.emplace_back("link");
  for (std::size_t i = 0; i < entries.size(); ++i) table.rows[i].emplace_back(store::digits_of(entries[i].link));
  return as_json(Answer{Log{std::move(table), {}}});
}

}  // namespace bastion::admin
