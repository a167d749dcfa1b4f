#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "bastion/admin/commands/audit_table.h"
#include "bastion/admin/commands/fleet_history.h"
#include "bastion/admin/commands/followed_audit.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/grammar/page.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/audit.h"
#include "store/audit_chain.h"

namespace bastion::admin {
namespace {

constexpr int kPage = 100;

int limit_in(const Arguments& arguments) {
  const auto limit = arguments.optional("--limit");
  return limit ? count_of(*limit) : kPage;
}

Cell text_cell(const std::string& text) { return text.empty() ? Cell(nullptr) : Cell(text); }

Result<std::vector<store::AuditEntry>> entries_from(store::Audit& audit, const Arguments& arguments, int limit,
                                                    std::int64_t since, const store::AuditPlace& before = {}) {
  const auto user = arguments.optional("--user");
  return user ? audit.latest_of(*user, limit, since, before) : audit.latest(limit, since, before);
}

// The newest first, and from there back into what is older.
Result<Answer> page_back(store::Audit& audit, const Context& context, const Arguments& arguments, std::int64_t since) {
  const PageWanted page(context, arguments, "--before", kPage);
  store::AuditPlace before;
  if (!page.after().empty()) {
    const auto row = audit.place_of(row_of(page.after()));
    if (!row) return std::unexpected(row.error());
    before = *row;
  }
  const auto entries = entries_from(audit, arguments, page.rows(), since, before);
  if (!entries) return std::unexpected(entries.error());
  return page.answer(audit_table(*entries), [](const std::vector<Cell>& row) { return row[0].dump(); });
}

// The same of every bastion of the fleet.
Result<Answer> page_back_of_fleet(store::Audit& audit, const Context& context, const Arguments& arguments,
                                  std::int64_t since) {
  const PageWanted page(context, arguments, "--before", kPage);
  const auto all = audit_of_fleet(
      *context.fleet, audit,
      {.user = arguments.optional("--user"), .since = since, .before = page.after(), .limit = page.rows()});
  if (!all) return std::unexpected(all.error());
  auto answer = page.answer(audit_table_of_fleet(all->rows), [](const std::vector<Cell>& row) {
    return fmt::format("{}:{}", row[1].get<std::string>(), row[0].dump());
  });
  if (!all->missing.empty()) answer.note += (answer.note.empty() ? "" : "; ") + all->missing;
  return answer;
}

}  // namespace

Result<Answer> audit_list(Context& context, const Arguments& arguments) {
  std::int64_t since = 0;
  if (const auto given = arguments.optional("--since")) {
    const auto timestamp = parse_past_timestamp(*given, context.now);
    if (!timestamp) return std::unexpected(timestamp.error());
    since = *timestamp;
  }
  store::Audit audit(context.database);
  if (const auto user = arguments.optional("--user"); user && !context.again) {
    if (const auto known = must_be_in_history(context, *user); !known) return std::unexpected(known.error());
  }
  if (context.after) return go_on_following(context, audit, arguments);
  const bool behind = arguments.given("--after");
  if (behind && !arguments.given("--follow")) return fail("--after is for --follow");
  if (!arguments.given("--follow") && context.fleet) return page_back_of_fleet(audit, context, arguments, since);
  if (!arguments.given("--follow")) return page_back(audit, context, arguments, since);
  if (arguments.given("--before")) return fail("--before and --follow are mutually exclusive");
  if (behind && (arguments.given("--since") || arguments.given("--limit"))) {
    return fail("--after says where to begin, and so do --since and --limit: give one of them");
  }
  if (behind) return begin_following_after(context, audit, arguments);
  return begin_following(context, audit, arguments, since, limit_in(arguments));
}

Result<Answer> audit_verify(Context& context, const Arguments& arguments) {
  std::optional<store::ChainHead> known;
  if (const auto given = arguments.optional("--head")) {
    const auto head = store::ChainHead::parse(*given);
    if (!head) return std::unexpected(head.error());
    known = *head;
  }
  const auto verdict = store::AuditChain(context.database).verify(known);
  if (!verdict) return std::unexpected(verdict.error());
  const bool is_whole = verdict->broken.empty();
  Answer answer{Record{{{"whole", is_whole},
                        {"broken", text_cell(verdict->broken)},
                        {"rows", verdict->rows},
                        {"taken_away", verdict->taken_away},
                        {"without_link", verdict->without_link},
                        {"head", text_cell(verdict->head.id == 0 ? "" : verdict->head.text())}}}};
  answer.is_no = !is_whole;
  return answer;
}

}  // namespace bastion::admin
