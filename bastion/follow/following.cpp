#include "bastion/follow/following.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "bastion/base/log.h"
#include "bastion/follow/lookout.h"
#include "bastion/follow/put.h"
#include "store/sightings.h"
#include "store/sources.h"

namespace bastion::follow {
namespace {

std::optional<access::Hop> last_of(const std::vector<access::Hop>& hops) {
  return hops.empty() ? std::nullopt : std::optional(hops.back());
}

}  // namespace

// Another machine may have the address by now, and another host key.
bool may_be_elsewhere(const End& end) {
  return end.reason == Reason::container_unreachable || end.reason == Reason::container_key_changed ||
         end.reason == Reason::container_not_certified || end.reason == Reason::backend_unreachable;
}

Task<bool> Following::ask(const access::Route& route, const End& end) const {
  access::ContainerPlace there{.container = route.container,
                               .backend = route.backend,
                               .address = route.address,
                               .port = route.port,
                               .command = route.command};
  return ask(std::move(there), last_of(route.hops), end);
}

Task<bool> Following::ask(const access::ThroughTheHops& way, const End& end) const {
  return ask(way.container.value_or(access::ContainerPlace{}), last_of(way.hops), end);
}

Task<bool> Following::ask(access::ContainerPlace there, std::optional<access::Hop> last, End end) const {
  if (lookout == nullptr || there.container == 0 || !there.command.empty() || !may_be_elsewhere(end)) co_return false;
  if (!last || last->backend != there.backend) co_return false;  // nobody logs in there
  const auto source = source_of(sources, there.backend, last->name);
  if (!source) log::error("the store cannot be read: {} (sources)", source.error().text);
  if (!source || !*source) co_return false;
  // Who cannot be reached cannot be asked.
  const bool is_own = **source == there.backend;
  if (is_own && end.reason == Reason::backend_unreachable) co_return false;
  co_await ask_all(**source, there.container);
  co_return true;
}

Task<bool> Following::ask(std::int64_t container, access::Hop backend) const {
  if (lookout == nullptr) co_return false;
  const auto source = source_of(sources, backend.backend, backend.name);
  if (!source) log::error("the store cannot be read: {} (sources)", source.error().text);
  if (!source || !*source) co_return false;
  co_await ask_all(**source, container);
  co_return true;
}

Task<void> Following::ask_all(std::int64_t source, std::int64_t container) const {
  LookUp look_up(*lookout, loop, source, container);
  co_await look_up.over();
  const auto known = sightings.of_container(container);
  if (!known || !*known || (*known)->state != store::Sighting::kGone) co_return;
  const auto all = sources.all();
  if (!all) co_return;
  std::vector<std::unique_ptr<LookUp>> others;
  for (const auto& set : *all) {
    if (set.backend == source || others.size() == kMostOthers) continue;
    others.push_back(std::make_unique<LookUp>(*lookout, loop, set.backend, container));
  }
  for (const auto& other : others) co_await other->over();
}

bool is_same_place(const access::Route& one, const access::Route& other) {
  return one.container == other.container && one.hops == other.hops && one.address == other.address &&
         one.port == other.port && one.command == other.command;
}

bool is_same_place(const access::ThroughTheHops& one, const access::ThroughTheHops& other) {
  return one.container == other.container && one.hops == other.hops && one.to == other.to;
}

}  // namespace bastion::follow
