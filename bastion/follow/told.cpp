#include "bastion/follow/told.h"

#include <fmt/format.h>

#include <algorithm>

#include "store/backends.h"
#include "store/sightings.h"

namespace bastion::follow {

std::string told_of(store::Sightings& sightings, store::Backends& backends, std::int64_t container, std::int64_t now) {
  const auto known = sightings.of_container(container);
  if (!known || !*known) return {};
  const auto& sighting = **known;
  const auto source = backends.chain(sighting.source);
  if (!source || source->empty()) return {};
  const auto& name = source->back().name;
  const auto ago = std::max<std::int64_t>(now - sighting.seen_at, 0);
  std::string text;
  if (sighting.state == store::Sighting::kGone) {
    text = fmt::format("{} does not list it any more, for {} s", name, ago);
  } else if (sighting.state.empty()) {
    text = fmt::format("{} has listed it {} s ago", name, ago);
  } else {
    text = fmt::format("{} lists it as {}, {} s ago", name, sighting.state, ago);
  }
  if (!sighting.drift.empty()) text += "; " + sighting.drift;
  const auto listing = sightings.listing(sighting.source);
  if (listing && *listing && !(*listing)->failure.empty()) text += "; not asked since: " + (*listing)->failure;
  return text;
}

}  // namespace bastion::follow
