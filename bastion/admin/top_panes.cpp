#include "bastion/admin/top_panes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <tuple>
#include <utility>

#include "bastion/admin/manifest/timestamp.h"
#include "bastion/admin/top_text.h"

namespace bastion::admin {
namespace {

using BackendState = upstream::BackendView::State;

constexpr char kNone = '-';

bool has_text(std::string_view filter, std::initializer_list<std::string_view> texts) {
  return std::ranges::any_of(texts, [&](std::string_view text) { return contains_in_any_case(text, filter); });
}

template <typename Value, typename Matches>
std::vector<const Value*> those(const std::vector<Value>& values, std::string_view filter, Matches matches) {
  std::vector<const Value*> found;
  for (const auto& value : values) {
    if (filter.empty() || matches(value)) found.push_back(&value);
  }
  return found;
}

std::string or_none(std::string text) { return text.empty() ? std::string(1, kNone) : text; }

std::string joined(const std::vector<std::string>& names) {
  return or_none(fmt::format("{}", fmt::join(names, " > ")));
}

double rate_of(const Overview::Session& one) { return one.rate_from_user + one.rate_from_container; }
std::uint64_t carried_by(const Overview::Session& one) {
  return one.live.bytes_from_user + one.live.bytes_from_container;
}

// What is still comes after what moves.
TopCell rate_cell(double rate) { return {.text = short_bytes(rate), .shade = rate < 0.5 ? Shade::dim : Shade::plain}; }

Shade shade_of(BackendState state) {
  switch (state) {
    case BackendState::up: return Shade::good;
    case BackendState::suspect: return Shade::doubtful;
    case BackendState::down: return Shade::bad;
    case BackendState::idle:
    case BackendState::unknown: return Shade::dim;
  }
  return Shade::plain;
}

// What somebody has to look after comes first.
int urgency_of(BackendState state) {
  switch (state) {
    case BackendState::down: return 0;
    case BackendState::suspect: return 1;
    case BackendState::up:
    case BackendState::idle:
    case BackendState::unknown: return 2;
  }
  return 2;
}

// The time of day; older than a day the day.
std::string clock_of(std::int64_t at, std::int64_t now) {
  const auto text = text_of_timestamp(at);
  return now - at < 86400 ? text.substr(11, 8) : text.substr(5, 5);
}

std::string counted(std::string_view name, std::string_view what) { return fmt::format("{} {}", name, what); }

}  // namespace

std::string_view name_of(TopPane pane) {
  switch (pane) {
    case TopPane::backends: return "backends";
    case TopPane::sessions: return "sessions";
    case TopPane::refusals: return "refusals";
  }
  return "";
}

std::string_view name_of(TopSort sort) {
  switch (sort) {
    case TopSort::rate: return "rate";
    case TopSort::total: return "total";
    case TopSort::user: return "user";
    case TopSort::age: return "age";
  }
  return "";
}

std::vector<const Overview::Session*> sessions_of(const Overview& overview, TopSort sort, std::string_view filter) {
  auto found = those(overview.sessions, filter, [&](const Overview::Session& one) {
    const auto& live = one.live;
    return has_text(filter, {live.id, live.user, live.container, live.from_host, joined(live.route), live.node});
  });
  // The oldest first, where nothing else tells them apart.
  std::ranges::sort(found, {}, [sort](const Overview::Session* one) {
    const auto rate = sort == TopSort::rate ? -rate_of(*one) : 0;
    const auto total = sort == TopSort::total ? ~carried_by(*one) : 0;
    const auto user = sort == TopSort::user ? std::string_view(one->live.user) : std::string_view();
    return std::make_tuple(rate, total, user, one->live.since, std::string_view(one->live.id));
  });
  return found;
}

std::vector<const Overview::Backend*> backends_of(const Overview& overview, std::string_view filter) {
  auto found = those(overview.backends, filter, [&](const Overview::Backend& one) {
    return has_text(filter, {one.name, state_text(one.state), joined(one.via)});
  });
  std::ranges::sort(found, {}, [](const Overview::Backend* one) {
    return std::make_pair(urgency_of(one->state), std::string_view(one->name));
  });
  return found;
}

std::vector<const Overview::Refusal*> refusals_of(const Overview& overview, std::string_view filter) {
  return those(overview.refusals, filter, [&](const Overview::Refusal& one) {
    const auto& refusal = one.refusal;
    return has_text(filter, {refusal.from, refusal.user, refusal.reason, refusal.sentence, refusal.id, one.bastion});
  });
}

TopTable table_of(const Overview& overview, const std::vector<const Overview::Session*>& rows) {
  TopTable table{.columns = {{.title = "SESSION", .rank = 0, .least = 8},
                             {.title = "USER", .rank = 0, .least = 8},
                             {.title = "CONTAINER", .rank = 0, .least = 10},
                             {.title = "FROM", .rank = 1, .least = 10},
                             {.title = "UP/s", .rank = 0, .least = 4, .right = true},
                             {.title = "DOWN/s", .rank = 0, .least = 6, .right = true},
                             {.title = "UP", .rank = 6, .least = 4, .right = true},
                             {.title = "DOWN", .rank = 5, .least = 4, .right = true},
                             {.title = "AGE", .rank = 2, .least = 3, .right = true},
                             {.title = "IDLE", .rank = 4, .least = 4, .right = true},
                             {.title = "CHAN", .rank = 7, .least = 4, .right = true},
                             {.title = "ROUTE", .rank = 3, .least = 6}},
                 .rows = {}};
  const bool is_of_fleet = overview.bastions > 1;
  if (is_of_fleet) table.columns.push_back({.title = "BASTION", .rank = 1, .least = 6});
  for (const auto* const one : rows) {
    const auto& live = one->live;
    auto& row = table.rows.emplace_back();
    row = {{.text = live.id},
           {.text = live.user},
           {.text = or_none(live.container)},
           {.text = live.from_host},
           rate_cell(one->rate_from_user),
           rate_cell(one->rate_from_container),
           {.text = short_bytes(static_cast<double>(live.bytes_from_user))},
           {.text = short_bytes(static_cast<double>(live.bytes_from_container))},
           {.text = short_time(overview.at - live.since)},
           {.text = short_time(live.idle.count())},
           {.text = std::to_string(live.channels)},
           {.text = joined(live.route)}};
    if (is_of_fleet) row.push_back({.text = live.node});
  }
  return table;
}

TopTable table_of(const Overview& /*overview*/, const std::vector<const Overview::Backend*>& rows) {
  TopTable table{.columns = {{.title = "BACKEND", .rank = 0, .least = 8},
                             {.title = "STATE", .rank = 0, .least = 7},
                             {.title = "LATENCY", .rank = 0, .least = 7, .right = true},
                             {.title = "SESSIONS", .rank = 0, .least = 8, .right = true},
                             {.title = "HOPS", .rank = 1, .least = 4, .right = true},
                             {.title = "CONTAINERS", .rank = 1, .least = 10, .right = true},
                             {.title = "VIA", .rank = 2, .least = 6}},
                 .rows = {}};
  for (const auto* const one : rows) {
    table.rows.push_back({{.text = one->name},
                          {.text = std::string(state_text(one->state)), .shade = shade_of(one->state)},
                          {.text = one->latency_ms ? short_milliseconds(*one->latency_ms) : std::string(1, kNone)},
                          {.text = std::to_string(one->sessions)},
                          {.text = std::to_string(one->hops)},
                          {.text = std::to_string(one->containers)},
                          {.text = joined(one->via)}});
  }
  return table;
}

TopTable table_of(const Overview& overview, const std::vector<const Overview::Refusal*>& rows) {
  TopTable table{.columns = {{.title = "REFUSED", .rank = 0, .least = 8},
                             {.title = "FROM", .rank = 0, .least = 10},
                             {.title = "USER", .rank = 0, .least = 8},
                             {.title = "REASON", .rank = 0, .least = 12},
                             {.title = "SENTENCE", .rank = 1, .least = 24},
                             {.title = "ID", .rank = 2, .least = 8}},
                 .rows = {}};
  const bool is_of_fleet = overview.bastions > 1;
  if (is_of_fleet) table.columns.push_back({.title = "BASTION", .rank = 3, .least = 6});
  for (const auto* const one : rows) {
    const auto& refusal = one->refusal;
    auto& row = table.rows.emplace_back();
    row = {{.text = clock_of(refusal.at, overview.at)},
           {.text = refusal.from},
           {.text = or_none(refusal.user)},
           {.text = refusal.reason},
           {.text = refusal.sentence},
           {.text = or_none(refusal.id)}};
    if (is_of_fleet) row.push_back({.text = one->bastion});
  }
  return table;
}

std::string line_of_strangers(const Overview& overview) {
  std::vector<std::string> texts;
  for (const auto& [name, count] : overview.strangers) {
    if (count > 0) texts.push_back(counted(name, std::to_string(count)));
  }
  return texts.empty() ? "none yet" : fmt::format("{}", fmt::join(texts, "  "));
}

std::string line_of_loops(const Overview& overview) {
  auto loops = overview.loops;
  std::ranges::sort(loops, std::ranges::greater{}, [](const Overview::Loop& one) {
    return std::make_tuple(one.loop.lag, one.bastion, one.loop.name);
  });
  std::vector<std::string> texts;
  for (const auto& one : loops) {
    const auto lag = short_milliseconds(static_cast<double>(one.loop.lag.count()) / 1000);
    const auto name = overview.bastions > 1 ? counted(one.bastion, one.loop.name) : one.loop.name;
    texts.push_back(one.loop.sessions > 0 ? fmt::format("{} {} ({})", name, lag, one.loop.sessions)
                                          : counted(name, lag));
  }
  return fmt::format("{}", fmt::join(texts, "  "));
}

std::string line_of(const Overview::Refusal& refusal) {
  const auto& one = refusal.refusal;
  return fmt::format("{}{} from {}: {}: {}", or_none(one.user), one.id.empty() ? "" : fmt::format(" ({})", one.id),
                     one.from, one.reason, one.sentence);
}

}  // namespace bastion::admin
