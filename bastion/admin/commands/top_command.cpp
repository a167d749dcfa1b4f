#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/grammar/overview.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/backends.h"
#include "store/containers.h"

namespace bastion::admin {
namespace {

// Nearest to the bastion first. A way is no longer than there are backends.
std::vector<std::string> way_to(const store::Backend& backend, const std::vector<store::Backend>& all) {
  std::vector<std::string> way;
  for (auto via = backend.via; via && way.size() < all.size();) {
    const auto before = std::ranges::find(all, *via, &store::Backend::id);
    if (before == all.end()) break;
    way.insert(way.begin(), before->name);
    via = before->via;
  }
  return way;
}

Result<std::vector<PlacedBackend>> placed_backends(store::Database& database) {
  const auto backends = store::Backends(database).all();
  if (!backends) return std::unexpected(backends.error());
  const auto containers = store::Containers(database).all();
  if (!containers) return std::unexpected(containers.error());
  std::map<std::int64_t, std::vector<const store::Container*>> on;
  for (const auto& container : *containers) on[container.backend].push_back(&container);
  std::vector<PlacedBackend> placed;
  placed.reserve(backends->size());
  for (const auto& backend : *backends) {
    const auto& here = on[backend.id];
    auto& one = placed.emplace_back(PlacedBackend{
        .id = backend.id, .name = backend.name, .via = way_to(backend, *backends), .containers = here.size()});
    if (backend.route != store::RouteKind::direct) continue;
    for (const auto* const container : here) one.direct.insert(container->full_name());
  }
  return placed;
}

Table session_table(const Overview& overview) {
  Table table{{"id", "user", "container", "from", "rate_from_user", "rate_from_container", "since"}, {}};
  for (const auto& one : overview.sessions) {
    table.rows.push_back({one.live.id, one.live.user,
                          one.live.container.empty() ? Cell(nullptr) : Cell(one.live.container), one.live.from_host,
                          static_cast<std::uint64_t>(one.rate_from_user),
                          static_cast<std::uint64_t>(one.rate_from_container), timestamp_cell(one.live.since)});
  }
  return table;
}

Table backend_table(const Overview& overview) {
  Table table{{"name", "state", "latency_ms", "hops", "sessions", "containers"}, {}};
  for (const auto& one : overview.backends) {
    table.rows.push_back({one.name, state_text(one.state), one.latency_ms ? Cell(*one.latency_ms) : Cell(nullptr),
                          one.hops, one.sessions, one.containers});
  }
  return table;
}

Table refusal_table(const Overview& overview) {
  Table table{{"at", "from", "user", "reason", "sentence"}, {}};
  for (const auto& [refusal, bastion] : overview.refusals) {
    table.rows.push_back({timestamp_cell(refusal.at), refusal.from,
                          refusal.user.empty() ? Cell(nullptr) : Cell(refusal.user), refusal.reason, refusal.sentence});
  }
  return table;
}

// For whoever has no terminal to draw on.
Record record_of(const Overview& overview) {
  Record record{{{"at", timestamp_cell(overview.at)},
                 {"bastion", overview.bastion},
                 {"version", overview.version},
                 {"began", timestamp_cell(overview.began)},
                 {"bytes_per_second_from_users", static_cast<std::uint64_t>(overview.rate_from_users)},
                 {"bytes_per_second_from_containers", static_cast<std::uint64_t>(overview.rate_from_containers)}}};
  Table strangers{{"fate", "count"}, {}};
  for (const auto& [name, count] : overview.strangers) strangers.rows.push_back({name, count});
  Table loops{{"name", "lag_us", "sessions"}, {}};
  for (const auto& one : overview.loops) {
    loops.rows.push_back({one.loop.name, one.loop.lag.count(), one.loop.sessions});
  }
  record.fields.push_back({"backends", backend_table(overview)});
  record.fields.push_back({"sessions", session_table(overview)});
  record.fields.push_back({"refusals", refusal_table(overview)});
  record.fields.push_back({"strangers", std::move(strangers)});
  record.fields.push_back({"loops", std::move(loops)});
  return record;
}

}  // namespace

RuntimeQuery ask_activities(const Arguments& /*arguments*/) { return ActivitiesQuery{}; }

Result<Answer> top(Context& context, const Arguments& /*arguments*/) {
  const auto& now = context.snapshot.activities;
  if (!now || now->parts.empty()) return fail("no running bastion uses this state directory, so nothing happens");
  const auto backends = placed_backends(context.database);
  if (!backends) return std::unexpected(backends.error());
  const auto& before = context.snapshot.activities_before;
  auto overview = std::make_shared<const Overview>(overview_of(before ? *before : Activities{}, *now, *backends));
  Answer answer{Sentence{}};
  if (context.is_for_programs) {
    answer.content = Document{cell_of(*overview)};
  } else {
    answer.content = record_of(*overview);
  }
  answer.note = overview->missing;
  answer.overview = std::move(overview);
  return answer;
}

}  // namespace bastion::admin
