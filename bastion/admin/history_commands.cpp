#include "bastion/admin/checks.h"
#include "bastion/admin/handlers.h"
#include "bastion/admin/moment.h"
#include "bastion/admin/tables.h"
#include "store/audit.h"

namespace bastion::admin {
namespace {

constexpr int kPage = 100;

int limit_in(const Arguments& arguments) {
  const auto limit = arguments.optional("--limit");
  return limit ? count_of(*limit) : kPage;
}

Cell text_cell(const std::string& text) { return text.empty() ? Cell(nullptr) : Cell(text); }

}  // namespace

Result<Answer> audit_list(Context& context, const Arguments& arguments) {
  std::int64_t since = 0;
  if (const auto given = arguments.optional("--since")) {
    const auto moment = parse_past_moment(*given, context.now);
    if (!moment) return std::unexpected(moment.error());
    since = *moment;
  }
  store::Audit audit(context.database);
  const auto user = arguments.optional("--user");
  const auto limit = limit_in(arguments);
  const auto entries = user ? audit.latest_of(*user, limit, since) : audit.latest(limit, since);
  if (!entries) return std::unexpected(entries.error());
  Table table{{"at", "user", "action", "subject", "outcome", "from", "key"}, {}};
  for (const auto& entry : *entries) {
    table.rows.push_back({moment_cell(entry.at), entry.actor, entry.action, entry.subject, entry.outcome,
                          text_cell(entry.from_host), text_cell(entry.key_fingerprint)});
  }
  return Answer{std::move(table)};
}

}  // namespace bastion::admin
