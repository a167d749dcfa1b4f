#include "bastion/admin/commands/followed_audit.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bastion/admin/commands/audit_table.h"
#include "bastion/admin/commands/fleet_history.h"
#include "bastion/admin/manifest/checks.h"
#include "store/fleet/audit_tail.h"

namespace bastion::admin {
namespace {

using store::fleet::AuditTail;
using store::fleet::NodeEntry;

constexpr int kFollowedAtOnce = 100;
constexpr std::chrono::milliseconds kPatienceOfTail{3000};

// What follows is not known yet: the columns are as wide as most of it will be.
constexpr std::array<std::size_t, 10> kWidths{5, 20, 8, 14, 9, 20, 15, 50, 8, 20};
constexpr std::size_t kWidthOfNode = 10;

enum class Part : std::uint8_t { first, later };

AuditTail tail_of(const store::fleet::Place& fleet) { return {fleet.database, fleet.node, kPatienceOfTail}; }

std::vector<NodeEntry> rows_here(const Context& context, std::vector<store::AuditEntry> entries) {
  std::vector<NodeEntry> rows;
  rows.reserve(entries.size());
  for (auto& entry : entries) {
    rows.push_back({.node = context.fleet ? context.fleet->node : "", .entry = std::move(entry)});
  }
  return rows;
}

void sort_by_time(std::vector<NodeEntry>& rows) {
  std::ranges::sort(rows, {}, [](const NodeEntry& row) { return std::tie(row.entry.at, row.node, row.entry.id); });
}

Answer part_of_log(const Context& context, const std::vector<NodeEntry>& rows, FollowedAudit next, Part part) {
  Log log{.table = {}, .widths = {kWidths.begin(), kWidths.end()}, .begins = part == Part::first};
  if (context.fleet) {
    log.table = audit_table_of_fleet(rows);
    log.widths.insert(log.widths.begin() + 1, kWidthOfNode);
  } else {
    std::vector<store::AuditEntry> entries(rows.size());
    std::ranges::transform(rows, entries.begin(), &NodeEntry::entry);
    log.table = audit_table(entries);
  }
  Answer answer{std::move(log)};
  answer.next = std::move(next);
  return answer;
}

// Where the others' rows cannot be had it is said once, and they come when they can be.
void note_absence(Answer& answer, const store::fleet::Place& fleet, const Error& why) {
  if (!std::exchange(answer.next->others_are_away, true)) answer.note = only_here(fleet, why);
}

// Of the others: what is there since then. The place is known from then on.
Result<std::vector<NodeEntry>> begin_elsewhere(const store::fleet::Place& fleet, const AuditTail::Wanted& wanted,
                                               FollowedAudit& place) {
  auto tail = tail_of(fleet);
  auto ends = tail.ends();
  if (!ends) return std::unexpected(std::move(ends.error()));
  auto rows = tail.latest(*ends, wanted);
  if (rows) place.elsewhere = *std::move(ends);
  return rows;
}

// Where they could not be asked yet, from the time on at which somebody has begun to follow.
Result<std::vector<NodeEntry>> next_elsewhere(const store::fleet::Place& fleet, const std::optional<std::string>& user,
                                              FollowedAudit& place) {
  if (place.elsewhere) return tail_of(fleet).next(*place.elsewhere, user, kFollowedAtOnce);
  return begin_elsewhere(fleet, {.user = user, .since = place.began, .limit = kFollowedAtOnce}, place);
}

Result<Answer> follow(Context& context, store::Audit& audit, const Arguments& arguments, FollowedAudit from,
                      Part part) {
  const auto user = arguments.optional("--user");
  auto entries = user ? audit.after(*user, from.row, kFollowedAtOnce) : audit.after(from.row, kFollowedAtOnce);
  if (!entries) return std::unexpected(std::move(entries.error()));
  if (!entries->empty()) from.row = entries->back().id;
  auto rows = rows_here(context, *std::move(entries));
  if (!context.fleet) return part_of_log(context, rows, std::move(from), part);
  auto others = next_elsewhere(*context.fleet, user, from);
  if (others) {
    from.others_are_away = false;
    std::ranges::move(*others, std::back_inserter(rows));
    sort_by_time(rows);
  }
  auto answer = part_of_log(context, rows, std::move(from), part);
  if (!others) note_absence(answer, *context.fleet, others.error());
  return answer;
}

}  // namespace

Result<Answer> begin_following(Context& context, store::Audit& audit, const Arguments& arguments, std::int64_t since,
                               int limit) {
  const auto last = audit.last();
  if (!last) return std::unexpected(last.error());
  const auto user = arguments.optional("--user");
  auto entries = user ? audit.latest_of(*user, limit, since) : audit.latest(limit, since);
  if (!entries) return std::unexpected(std::move(entries.error()));
  FollowedAudit place{.row = *last, .began = context.now};
  for (const auto& entry : *entries) place.row = std::max(place.row, entry.id);
  std::ranges::reverse(*entries);
  auto rows = rows_here(context, *std::move(entries));
  if (!context.fleet) return part_of_log(context, rows, std::move(place), Part::first);
  auto others = begin_elsewhere(*context.fleet, {.user = user, .since = since, .limit = limit}, place);
  if (others) {
    std::ranges::move(*others, std::back_inserter(rows));
    sort_by_time(rows);
    const auto wanted = static_cast<std::size_t>(std::max(limit, 0));
    if (rows.size() > wanted) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(wanted));
  }
  auto answer = part_of_log(context, rows, std::move(place), Part::first);
  if (!others) note_absence(answer, *context.fleet, others.error());
  return answer;
}

Result<Answer> begin_following_after(Context& context, store::Audit& audit, const Arguments& arguments) {
  const auto last = audit.last();
  if (!last) return std::unexpected(last.error());
  FollowedAudit place{.row = *last, .began = context.now};
  for (const auto& given : arguments.all("--after")) {
    const auto row = node_row_of(given);
    const bool is_here = row.node.empty() || (context.fleet && row.node == context.fleet->node);
    if (is_here) {
      place.row = row.id;
      continue;
    }
    if (!context.fleet) return fail("{}: this bastion is one of no fleet: the configuration has no [fleet]", given);
    auto tail = tail_of(*context.fleet);
    auto origin = tail.origin_of(row.node, row.id);
    if (!origin) return std::unexpected(std::move(origin.error()));
    if (!place.elsewhere) {
      auto ends = tail.ends();
      if (!ends) return std::unexpected(std::move(ends.error()));
      place.elsewhere = *std::move(ends);
    }
    (*place.elsewhere)[{.node = row.node, .origin = *std::move(origin)}] = row.id;
  }
  return follow(context, audit, arguments, std::move(place), Part::first);
}

Result<Answer> go_on_following(Context& context, store::Audit& audit, const Arguments& arguments) {
  return follow(context, audit, arguments, *context.after, Part::later);
}

}  // namespace bastion::admin
