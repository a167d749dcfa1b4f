#include "bastion/admin/grammar/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

namespace bastion::admin {
namespace {

using State = upstream::BackendView::State;

constexpr std::array<std::pair<State, std::string_view>, 5> kStates{{{State::up, "up"},
                                                                     {State::suspect, "suspect"},
                                                                     {State::down, "down"},
                                                                     {State::idle, "idle"},
                                                                     {State::unknown, "unknown"}}};

double per_second(std::uint64_t before, std::uint64_t now, double seconds) {
  if (now <= before || seconds <= 0) return 0;
  return static_cast<double>(now - before) / seconds;
}

// What each process had when it was looked at before. Of one that was not there nothing is known per second.
class Before {
 public:
  explicit Before(const Activities& before) {
    for (const auto& part : before.parts) {
      parts_[part.process] = &part;
      for (const auto& live : part.sessions) sessions_[live.id] = &live;
    }
  }

  [[nodiscard]] const Activity* part(const std::string& process) const { return at(parts_, process); }
  [[nodiscard]] const session::LiveSession* session(const std::string& id) const { return at(sessions_, id); }

 private:
  template <typename Known>
  static Known at(const std::map<std::string_view, Known>& all, const std::string& key) {
    const auto found = all.find(key);
    return found == all.end() ? nullptr : found->second;
  }

  std::map<std::string_view, const Activity*> parts_;
  std::map<std::string_view, const session::LiveSession*> sessions_;
};

double seconds_between(const Activity* before, const Activity& now) {
  return before == nullptr ? 0 : static_cast<double>(now.at_ms - before->at_ms) / 1000;
}

// A session that has begun since has carried all of it since.
Overview::Session seen_session(const session::LiveSession& live, const Activity& part, const Before& before,
                               double seconds) {
  Overview::Session seen{.live = live};
  const auto* const known = before.session(live.id);
  seen.rate_from_user = per_second(known == nullptr ? 0 : known->bytes_from_user, live.bytes_from_user, seconds);
  seen.rate_from_container =
      per_second(known == nullptr ? 0 : known->bytes_from_container, live.bytes_from_container, seconds);
  seen.live.node = part.bastion;
  return seen;
}

// The newest first; of one moment those that came first.
void insert(std::vector<Overview::Refusal>& refusals, Overview::Refusal one) {
  const auto place = std::ranges::upper_bound(refusals, one.refusal.at, std::ranges::greater{},
                                              [](const Overview::Refusal& other) { return other.refusal.at; });
  refusals.insert(place, std::move(one));
}

void count(std::vector<std::pair<std::string, std::uint64_t>>& sums,
           const std::vector<std::pair<std::string, std::uint64_t>>& more) {
  for (const auto& [name, number] : more) {
    const auto known = std::ranges::find(sums, name, &std::pair<std::string, std::uint64_t>::first);
    if (known == sums.end()) {
      sums.emplace_back(name, number);
    } else {
      known->second += number;
    }
  }
}

void add(Overview& overview, const Activity& part, const Before& before) {
  const auto* const earlier = before.part(part.process);
  const auto seconds = seconds_between(earlier, part);
  if (earlier != nullptr) {
    overview.rate_from_users += per_second(earlier->bytes_from_users, part.bytes_from_users, seconds);
    overview.rate_from_containers += per_second(earlier->bytes_from_containers, part.bytes_from_containers, seconds);
  }
  for (const auto& live : part.sessions) overview.sessions.push_back(seen_session(live, part, before, seconds));
  for (const auto& refusal : part.refusals) insert(overview.refusals, {refusal, part.bastion});
  for (const auto& loop : part.loops) overview.loops.push_back({part.bastion, loop});
  count(overview.strangers, part.strangers);
  if (part.missing.empty()) return;
  overview.missing += fmt::format("{}{}: {}", overview.missing.empty() ? "" : "; ", part.bastion, part.missing);
}

Overview::Backend seen_backend(const PlacedBackend& placed, const Activities& now) {
  upstream::BackendView view;
  Overview::Backend backend{.name = placed.name, .via = placed.via, .containers = placed.containers};
  for (const auto& part : now.parts) {
    const auto known = std::ranges::find(part.backends, placed.id, &upstream::BackendView::backend);
    if (known != part.backends.end()) view.add(*known);
    for (const auto& live : part.sessions) {
      const bool goes_through = std::ranges::find(live.route, placed.name) != live.route.end();
      if (goes_through || placed.direct.contains(live.container)) ++backend.sessions;
    }
  }
  backend.state = view.state();
  backend.hops = view.hops;
  // Tenths of a millisecond: what is near takes less than one.
  if (view.latency) backend.latency_ms = std::round(static_cast<double>(view.latency->count()) / 100) / 10;
  return backend;
}

}  // namespace

std::string_view state_text(State state) {
  return std::ranges::find(kStates, state, &std::pair<State, std::string_view>::first)->second;
}

Overview overview_of(const Activities& before, const Activities& now, const std::vector<PlacedBackend>& backends) {
  Overview overview{};
  overview.missing = now.missing;
  const Before known(before);
  std::set<std::string_view> bastions;
  for (const auto& part : now.parts) {
    add(overview, part, known);
    bastions.insert(part.bastion);
  }
  overview.bastions = bastions.size();
  if (!now.parts.empty()) {
    const auto& first = now.parts.front();
    overview.at = first.at_ms / 1000;
    overview.bastion = first.bastion;
    overview.version = first.version;
    overview.began = first.began;
    overview.for_seconds = seconds_between(known.part(first.process), first);
  }
  std::ranges::sort(overview.sessions, {},
                    [](const Overview::Session& one) { return std::tie(one.live.since, one.live.id); });
  if (overview.refusals.size() > session::kMostRefusals) {
    overview.refusals.resize(session::kMostRefusals);
  }
  for (const auto& placed : backends) overview.backends.push_back(seen_backend(placed, now));
  return overview;
}

}  // namespace bastion::admin
