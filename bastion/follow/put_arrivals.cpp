#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "bastion/base/printable.h"
#include "bastion/follow/moves.h"
#include "bastion/follow/put.h"
#include "store/containers.h"
#include "store/database.h"
#include "store/groups.h"
#include "store/host_keys.h"
#include "store/sightings.h"

namespace bastion::follow {
namespace {

using store::HostKeyOwner;
using store::Sighting;

constexpr std::size_t kLongestDrift = 300;

bool reaches(const Reach& reach, std::int64_t backend) {
  return reach.own.backend == backend ||
         std::ranges::any_of(reach.members, [&](const auto& one) { return one.second.backend == backend; });
}

// What other sources had once, and have no more.
Result<std::vector<Missed>> missed_elsewhere(store::Database& database, const Reach& reach) {
  const auto gone = store::Sightings(database).gone();
  if (!gone) return std::unexpected(gone.error());
  store::Containers containers(database);
  store::HostKeys host_keys(database);
  std::vector<Missed> missed;
  for (const auto& sighting : *gone) {
    if (sighting.source == reach.own.backend) continue;
    auto container = containers.with_id(sighting.container);
    if (!container) return std::unexpected(std::move(container.error()));
    if (!*container || reaches(reach, (*container)->backend)) continue;
    const auto keys = host_keys.of(HostKeyOwner::of_container(sighting.container));
    if (!keys) return std::unexpected(keys.error());
    Missed one{.container = **std::move(container), .host_keys = {}};
    for (const auto& key : *keys) one.host_keys.push_back(key.blob);
    missed.push_back(std::move(one));
  }
  return missed;
}

// What is true of the directory now; nothing where that backend has no source (any more).
struct Scene {
  Reach reach;
  std::vector<store::Container> known;
  std::vector<Missed> missed;
};
Result<std::optional<Scene>> scene_of(store::Database& database, std::int64_t backend) {
  auto reach = reach_of(database, backend);
  if (!reach) return std::unexpected(std::move(reach.error()));
  if (!*reach) return std::nullopt;
  auto missed = missed_elsewhere(database, **reach);
  if (!missed) return std::unexpected(std::move(missed.error()));
  auto known = known_to(database, **reach);
  if (!known) return std::unexpected(std::move(known.error()));
  return Scene{.reach = **std::move(reach), .known = *std::move(known), .missed = *std::move(missed)};
}

Result<bool> serves_all(store::Database& database, const std::vector<Move>& moves, const Move& machine) {
  store::Groups groups(database);
  for (const auto& one : moves) {
    if (one.from.backend != machine.from.backend || one.from.place() != machine.from.place()) continue;
    const auto serves = groups.serves(one.to.backend, one.to.owner);
    if (!serves || !*serves) return serves;
  }
  return true;
}

// A machine whose accounts are not all served there stays as a whole.
Result<> keep_to_groups(store::Database& database, const Reach& reach, Arrivals& arrivals) {
  std::vector<Move> kept;
  for (const auto& move : arrivals.moves) {
    const auto serves = serves_all(database, arrivals.moves, move);
    if (!serves) return std::unexpected(serves.error());
    if (*serves) {
      kept.push_back(move);
      continue;
    }
    arrivals.unsettled.push_back(
        {move.from.id, fmt::format("{}, which is this one, and backend {} does not serve its owner",
                                   lists_one_of_that_name(reach.own), move.to.backend_name)});
  }
  arrivals.moves = std::move(kept);
  return {};
}

// Why one that is gone is not followed; empty: nothing is known of it elsewhere. Says whether that is new.
Result<bool> set_drift(store::Sightings& sightings, std::int64_t container, const std::string& drift) {
  const auto before = sightings.of_container(container);
  if (!before) return std::unexpected(before.error());
  if (!*before || (*before)->state != Sighting::kGone || (*before)->drift == drift) return false;
  auto now = **before;
  now.drift = drift;
  if (auto put = sightings.put(now); !put) return std::unexpected(put.error());
  return true;
}

struct Judged {
  Scene scene;
  Arrivals arrivals;
};

// What came of it, and what did not.
Result<> note(store::Database& database, const Scene& scene, const Arrivals& arrivals, std::int64_t now,
              Report& report) {
  store::Sightings sightings(database);
  for (const auto& move : arrivals.moves) {
    report.moved.push_back({move.to.full_name(), fmt::format("from {} to {}", move.left(), move.reached())});
    report.places.push_back(move.to.id);
    auto put = sightings.put(
        {.container = move.to.id, .source = scene.reach.own.backend, .state = "running", .seen_at = now, .drift = {}});
    if (!put) return put;
  }
  for (const auto& [container, drift] : arrivals.unsettled) {
    const auto text = printable_on_one_line(drift, kLongestDrift);
    const auto is_new = set_drift(sightings, container, text);
    if (!is_new) return std::unexpected(is_new.error());
    const auto one =
        std::ranges::find(scene.missed, container, [](const Missed& missed) { return missed.container.id; });
    if (*is_new && one != scene.missed.end()) report.drifts.push_back({one->container.full_name(), text});
  }
  return {};
}

}  // namespace

Result<std::vector<Instance>> find_newcomers(store::Database& database, std::int64_t backend,
                                             const std::vector<Instance>& listed) {
  const auto scene = database.view([&] { return scene_of(database, backend); });
  if (!scene) return std::unexpected(scene.error());
  if (!*scene || (*scene)->missed.empty()) return std::vector<Instance>{};
  const auto& [reach, known, missed] = **scene;
  auto found = newcomers(reach, listed, known, missed);
  store::Sightings sightings(database);
  std::vector<std::int64_t> stale;
  for (const auto& one : missed) {
    const auto said = sightings.of_container(one.container.id);
    if (!said) return std::unexpected(said.error());
    const bool is_here = std::ranges::find(found, one.container.name, &Instance::name) != found.end();
    if (*said && !is_here && (*said)->drift.starts_with(lists_one_of_that_name(reach.own))) {
      stale.push_back(one.container.id);
    }
  }
  if (stale.empty()) return found;
  auto cleared = database.change_here([&]() -> Result<> {
    for (const auto id : stale) {
      if (auto set = set_drift(sightings, id, {}); !set) return std::unexpected(set.error());
    }
    return {};
  });
  if (!cleared) return std::unexpected(std::move(cleared.error()));
  return found;
}

Result<Report> put_arrivals(store::Database& database, std::int64_t backend, const std::vector<Proof>& proofs,
                            std::int64_t now) {
  const auto judged = [&]() -> Result<std::optional<Judged>> {
    auto scene = scene_of(database, backend);
    if (!scene) return std::unexpected(std::move(scene.error()));
    if (!*scene) return std::nullopt;
    auto arrivals = arrive((*scene)->reach, (*scene)->known, (*scene)->missed, proofs);
    if (auto kept = keep_to_groups(database, (*scene)->reach, arrivals); !kept) return std::unexpected(kept.error());
    return Judged{.scene = **std::move(scene), .arrivals = std::move(arrivals)};
  };
  auto found = database.view(judged);
  if (!found) return std::unexpected(std::move(found.error()));
  if (*found && !(*found)->arrivals.moves.empty()) {
    // What was read before may be another thing by the time of the change.
    found = database.change([&]() -> Result<std::optional<Judged>> {
      auto again = judged();
      if (!again || !*again) return again;
      auto done = carry_out(database, (*again)->scene.reach, (*again)->arrivals.moves, now);
      if (!done) return std::unexpected(std::move(done.error()));
      return again;
    });
    if (!found) return std::unexpected(std::move(found.error()));
  }
  Report report;
  if (!*found) return report;
  const auto& [scene, arrivals] = **found;
  auto noted = database.change_here([&] { return note(database, scene, arrivals, now, report); });
  if (!noted) return std::unexpected(std::move(noted.error()));
  return report;
}

}  // namespace bastion::follow
