#include "bastion/admin/commands/fleet_history.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

using store::fleet::NodeEntry;
using store::fleet::NodeSession;
using store::fleet::Place;
using store::fleet::Records;

constexpr std::chrono::milliseconds kPatienceOfRecords{3000};

template <typename Row>
void cut_to(std::vector<Row>& rows, int limit) {
  if (limit >= 0 && rows.size() > static_cast<std::size_t>(limit)) rows.resize(static_cast<std::size_t>(limit));
}

// The row that `before` names, as far as its place in the order goes.
Result<std::optional<NodeEntry>> place_of(const Place& fleet, store::Audit& audit, Records& records,
                                          const std::string& before) {
  if (before.empty()) return std::nullopt;
  const auto named = node_row_of(before);
  NodeEntry row;
  row.node = named.node.empty() ? fleet.node : named.node;
  row.entry.id = named.id;
  if (row.node == fleet.node) {
    const auto place = audit.place_of(row.entry.id);
    if (!place) return std::unexpected(place.error());
    row.entry.at = place->at;
  } else {
    const auto at = records.time_of(row.node, row.entry.id);
    if (!at) return std::unexpected(at.error());
    row.entry.at = *at;
  }
  return row;
}

// Where this bastion's rows go on: of those of one time, nodes go by their names.
store::AuditPlace here_before(const Place& fleet, const std::optional<NodeEntry>& before) {
  if (!before) return {};
  if (fleet.node == before->node) return {.at = before->entry.at, .id = before->entry.id};
  const bool is_behind = fleet.node < before->node;
  return {.at = before->entry.at, .id = is_behind ? std::numeric_limits<std::int64_t>::max() : 0};
}

}  // namespace

std::string only_here(const Place& fleet, const Error& why) {
  return fmt::format("only what happened at {}: {}", fleet.node, why.text);
}

Result<FleetHistory<NodeEntry>> audit_of_fleet(const Place& fleet, store::Audit& audit,
                                               const FleetAuditWanted& wanted) {
  Records records(fleet.database, kPatienceOfRecords);
  const auto before = place_of(fleet, audit, records, wanted.before);
  if (!before) return std::unexpected(before.error());
  const auto place = here_before(fleet, *before);
  const auto here = wanted.user ? audit.latest_of(*wanted.user, wanted.limit, wanted.since, place)
                                : audit.latest(wanted.limit, wanted.since, place);
  if (!here) return std::unexpected(here.error());
  FleetHistory<NodeEntry> all;
  for (const auto& entry : *here) all.rows.push_back({.node = fleet.node, .entry = entry});
  auto others = records.audit(
      {.user = wanted.user, .but_node = fleet.node, .since = wanted.since, .before = *before, .limit = wanted.limit});
  if (!others) {
    all.missing = only_here(fleet, others.error());
    return all;
  }
  std::ranges::move(*others, std::back_inserter(all.rows));
  std::ranges::sort(all.rows, std::greater{},
                    [](const NodeEntry& row) { return std::tie(row.entry.at, row.node, row.entry.id); });
  cut_to(all.rows, wanted.limit);
  return all;
}

FleetHistory<NodeSession> with_others(const Place& fleet, const std::vector<store::Session>& here,
                                      const std::optional<std::string>& user, int limit) {
  FleetHistory<NodeSession> all;
  for (const auto& session : here) all.rows.push_back({.node = fleet.node, .session = session});
  Records records(fleet.database, kPatienceOfRecords);
  auto others =
      records.sessions({.user = user, .but_node = fleet.node, .since = 0, .before = std::nullopt, .limit = limit});
  if (!others) {
    all.missing = only_here(fleet, others.error());
    return all;
  }
  std::ranges::move(*others, std::back_inserter(all.rows));
  std::ranges::sort(all.rows, std::greater{}, [](const NodeSession& row) {
    return std::tie(row.session.opened.at, row.node, row.session.opened.id);
  });
  cut_to(all.rows, limit);
  return all;
}

}  // namespace bastion::admin
