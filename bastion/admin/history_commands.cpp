#include "bastion/admin/checks.h"
#include "bastion/admin/handlers.h"
#include "bastion/admin/moment.h"
#include "bastion/admin/tables.h"
#include "store/audit.h"
#include "store/sessions.h"

namespace bastion::admin {
namespace {

constexpr int kPage = 100;

int limit_in(const Arguments& arguments) {
  const auto limit = arguments.optional("--limit");
  return limit ? count_of(*limit) : kPage;
}

Result<std::vector<store::Session>> sessions_in(Context& context, const Arguments& arguments) {
  store::Sessions sessions(context.database);
  const auto user = arguments.optional("--user");
  if (!arguments.given("--all")) return user ? sessions.open_now(*user) : sessions.open_now();
  return user ? sessions.latest(*user, limit_in(arguments)) : sessions.latest(limit_in(arguments));
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

Result<Answer> session_list(Context& context, const Arguments& arguments) {
  const auto sessions = sessions_in(context, arguments);
  if (!sessions) return std::unexpected(sessions.error());
  Table table{{"id", "user", "from", "container", "route", "opened", "closed", "reason", "bytes_from_user",
               "bytes_from_container", "key"},
              {}};
  for (const auto& [opened, closed] : *sessions) {
    table.rows.push_back(
        {opened.login, opened.user, opened.from_host, text_cell(opened.container), text_cell(opened.route),
         moment_cell(opened.at), closed ? moment_cell(closed->at) : Cell(nullptr),
         closed ? Cell(closed->reason) : Cell(nullptr), closed ? Cell(closed->bytes_from_user) : Cell(nullptr),
         closed ? Cell(closed->bytes_from_container) : Cell(nullptr), opened.key_fingerprint});
  }
  return Answer{std::move(table)};
}

}  // namespace bastion::admin
