#include "bastion/follow/moves.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "store/audit.h"
#include "store/database.h"
#include "store/host_keys.h"

namespace bastion::follow {
namespace {

using store::Container;
using store::HostKeyOwner;

// Nobody's place while others leave and come: an address that no machine has.
std::string between(const Container& container) { return fmt::format("moves-{}", container.id); }

}  // namespace

Result<std::vector<Container>> known_to(store::Database& database, const Reach& reach) {
  std::set<std::int64_t> backends{reach.own.backend};
  for (const auto& [member, place] : reach.members) backends.insert(place.backend);
  store::Containers containers(database);
  std::vector<Container> known;
  for (const auto backend : backends) {
    auto some = containers.on_backend(backend);
    if (!some) return std::unexpected(std::move(some.error()));
    std::ranges::move(*some, std::back_inserter(known));
  }
  return known;
}

Result<> write_down(store::Database& database, const Reach& reach, std::int64_t now, std::string action,
                    std::string subject, std::string detail) {
  return store::Audit(database).add({.at = now,
                                     .actor = "source " + reach.own.name,
                                     .action = std::move(action),
                                     .subject = std::move(subject),
                                     .outcome = "done",
                                     .detail = std::move(detail)});
}

// All of them leave before the first one comes.
Result<> carry_out(store::Database& database, const Reach& reach, const std::vector<Move>& moves, std::int64_t now) {
  store::Containers containers(database);
  store::HostKeys host_keys(database);
  std::map<std::int64_t, std::vector<store::HostKey>> keys;
  for (const auto& move : moves) {
    auto known = host_keys.of(HostKeyOwner::of_container(move.from.id));
    if (!known) return std::unexpected(std::move(known.error()));
    keys.emplace(move.from.id, *std::move(known));
  }
  for (const auto& move : moves) {
    auto leaving = move.from;
    leaving.address = between(move.from);
    if (auto left = containers.update(leaving); !left) return left;
  }
  for (const auto& move : moves) {
    if (auto come = containers.update(move.to); !come) return come;
    for (const auto& key : keys.at(move.from.id)) {
      if (auto brought = host_keys.bring(HostKeyOwner::of_container(move.to.id), key); !brought) return brought;
    }
    auto written = write_down(database, reach, now, "container move", move.to.full_name(),
                              fmt::format("from={} to={}", move.left(), move.reached()));
    if (!written) return written;
  }
  return {};
}

}  // namespace bastion::follow
