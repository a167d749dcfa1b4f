#include "bastion/follow/put.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "bastion/base/printable.h"
#include "bastion/follow/moves.h"
#include "store/audit.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/database.h"
#include "store/host_keys.h"
#include "store/sightings.h"

namespace bastion::follow {
namespace {

using store::Container;
using store::HostKeyOwner;
using store::Sighting;

constexpr std::size_t kLongestText = 300;

// What is read before may be another thing by the time of the change.
Result<std::vector<Move>> move_all(store::Database& database, std::int64_t backend, const std::vector<Instance>& listed,
                                   std::int64_t now) {
  return database.change([&]() -> Result<std::vector<Move>> {
    const auto reach = reach_of(database, backend);
    if (!reach) return std::unexpected(reach.error());
    if (!*reach) return std::vector<Move>{};
    const auto known = known_to(database, **reach);
    if (!known) return std::unexpected(known.error());
    auto agreement = agree(**reach, listed, *known);
    if (auto done = carry_out(database, **reach, agreement.moves, now); !done) return std::unexpected(done.error());
    return std::move(agreement.moves);
  });
}

// Whether it is this source that says of a container on that backend that it is not listed: not where the backend has a
// source of its own.
Result<bool> speaks_last(store::Sources& sources, const Reach& reach, const Container& container) {
  if (container.backend == reach.own.backend) return true;
  const auto text = sources.of_backend(container.backend);
  if (!text) return std::unexpected(text.error());
  return text->empty();
}

// Compares with what was said before, and keeps what is new.
class Remembering {
 public:
  Remembering(store::Database& database, const Reach& reach, std::int64_t now)
      : database_(database), reach_(reach), now_(now), sightings_(database), sources_(database) {}

  Result<> take(const Agreement& agreement, const std::vector<Container>& known, Report& report) {
    for (const auto& container : known) by_id_.emplace(container.id, &container);
    for (const auto& seen : agreement.seen) {
      if (auto taken = take_seen(seen, report); !taken) return taken;
    }
    for (const auto id : agreement.missing) {
      if (auto taken = take_missing(id, report); !taken) return taken;
    }
    if (auto forgotten = forget_others(); !forgotten) return forgotten;
    report.listed = agreement.seen.size();
    return sightings_.listed(reach_.own.backend, now_);
  }

 private:
  Result<> take_seen(const Seen& seen, Report& report) {
    const auto before = sightings_.of_container(seen.container);
    if (!before) return std::unexpected(before.error());
    const auto& name = by_id_.at(seen.container)->full_name();
    const Sighting now{.container = seen.container,
                       .source = reach_.own.backend,
                       .state = seen.state,
                       .seen_at = now_,
                       .drift = printable_on_one_line(seen.drift, kLongestText)};
    if (*before && (*before)->state == Sighting::kGone) {
      report.back.push_back({name, "is listed again"});
      if (auto written = write_down(database_, reach_, now_, "container back", name, {}); !written) return written;
    }
    if (!now.drift.empty() && (!*before || (*before)->drift != now.drift)) report.drifts.push_back({name, now.drift});
    const bool is_same =
        *before && (*before)->state == now.state && (*before)->drift == now.drift && (*before)->source == now.source;
    return is_same ? Result<>{} : sightings_.put(now);
  }

  Result<> take_missing(std::int64_t id, Report& report) {
    const auto before = sightings_.of_container(id);
    if (!before) return std::unexpected(before.error());
    if (!*before || (*before)->state == Sighting::kGone) return {};
    const auto& container = *by_id_.at(id);
    const auto speaks = speaks_last(sources_, reach_, container);
    if (!speaks) return std::unexpected(speaks.error());
    if (!*speaks) return {};
    report.gone.push_back({container.full_name(), "is not listed any more"});
    auto written = write_down(database_, reach_, now_, "container gone", container.full_name(), {});
    if (!written) return written;
    return sightings_.put({.container = id,
                           .source = reach_.own.backend,
                           .state = std::string(Sighting::kGone),
                           .seen_at = (*before)->seen_at,
                           .drift = {}});
  }

  // Somebody has put them where this source speaks of nobody.
  Result<> forget_others() {
    const auto all = sightings_.of_source(reach_.own.backend);
    if (!all) return std::unexpected(all.error());
    for (const auto& one : *all) {
      if (by_id_.contains(one.container)) continue;
      if (auto forgotten = sightings_.forget(one.container); !forgotten) return forgotten;
    }
    return {};
  }

  store::Database& database_;
  const Reach& reach_;
  std::int64_t now_;
  store::Sightings sightings_;
  store::Sources sources_;
  std::map<std::int64_t, const Container*> by_id_;
};

// By what is there now: a move that was carried out is one no more.
Result<> remember(store::Database& database, std::int64_t backend, const std::vector<Instance>& listed,
                  std::int64_t now, Report& report) {
  return database.change_here([&]() -> Result<> {
    const auto reach = reach_of(database, backend);
    if (!reach) return std::unexpected(reach.error());
    if (!*reach) return {};
    const auto known = known_to(database, **reach);
    if (!known) return std::unexpected(known.error());
    return Remembering(database, **reach, now).take(agree(**reach, listed, *known), *known, report);
  });
}

}  // namespace

Result<std::optional<Reach>> reach_of(store::Database& database, std::int64_t backend) {
  const auto sources = store::Sources(database).all();
  if (!sources) return std::unexpected(sources.error());
  const auto set = std::ranges::find(*sources, backend, &store::Sources::Set::backend);
  if (set == sources->end()) return std::nullopt;
  auto source = parse_source(set->text);
  if (!source) return fail("the source of backend {} is damaged: {}", set->name, source.error().text);
  Reach reach{.source = *std::move(source), .own = {backend, set->name}, .members = {}};
  store::Backends backends(database);
  for (const auto& [member, name] : reach.source.members) {
    const auto known = backends.find(name);
    if (!known) return std::unexpected(known.error());
    if (*known) reach.members.emplace(member, Place{(*known)->id, name});
  }
  return reach;
}

Result<std::optional<std::int64_t>> source_of(store::Sources& sources, std::int64_t backend, std::string_view name) {
  const auto all = sources.all();
  if (!all) return std::unexpected(all.error());
  std::optional<std::int64_t> of_cluster;
  for (const auto& set : *all) {
    if (set.backend == backend) return backend;
    const auto source = parse_source(set.text);
    if (!source || of_cluster) continue;
    const bool is_member = std::ranges::any_of(source->members, [&](const auto& one) { return one.second == name; });
    if (is_member) of_cluster = set.backend;
  }
  return of_cluster;
}

Result<Report> put(store::Database& database, std::int64_t backend, const std::vector<Instance>& listed,
                   std::int64_t now) {
  const auto wanted = database.view([&]() -> Result<Agreement> {
    const auto reach = reach_of(database, backend);
    if (!reach) return std::unexpected(reach.error());
    if (!*reach) return Agreement{};
    const auto known = known_to(database, **reach);
    if (!known) return std::unexpected(known.error());
    return agree(**reach, listed, *known);
  });
  if (!wanted) return std::unexpected(wanted.error());
  Report report;
  std::optional<Error> unmoved;
  if (!wanted->moves.empty()) {
    const auto moved = move_all(database, backend, listed, now);
    if (!moved) unmoved = moved.error();
    for (const auto& move : moved ? *moved : std::vector<Move>{}) {
      report.moved.push_back({move.to.full_name(), fmt::format("from {} to {}", move.left(), move.reached())});
      report.places.push_back(move.to.id);
    }
  }
  if (auto remembered = remember(database, backend, listed, now, report); !remembered) {
    return std::unexpected(remembered.error());
  }
  if (unmoved) return std::unexpected(*std::move(unmoved));
  auto found = find_newcomers(database, backend, listed);
  if (!found) return std::unexpected(std::move(found.error()));
  report.newcomers = *std::move(found);
  return report;
}

Result<> put_failure(store::Database& database, std::int64_t backend, const std::string& why) {
  return database.change_here([&]() -> Result<> {
    const auto text = store::Sources(database).of_backend(backend);
    if (!text) return std::unexpected(text.error());
    if (text->empty()) return {};
    return store::Sightings(database).failed(backend, printable_on_one_line(why, kLongestText));
  });
}

}  // namespace bastion::follow
