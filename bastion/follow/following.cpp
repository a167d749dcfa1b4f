#include "bastion/follow/following.h"

#include <optional>

#include "bastion/base/log.h"
#include "bastion/follow/lookout.h"
#include "bastion/follow/put.h"
#include "store/sources.h"

namespace bastion::follow {

// Another machine may have the address by now, and another host key.
bool may_be_elsewhere(const End& end) {
  return end.reason == Reason::container_unreachable || end.reason == Reason::container_key_changed ||
         end.reason == Reason::container_not_certified || end.reason == Reason::backend_unreachable;
}

Task<bool> Following::ask(const access::Route& route, const End& end) const {
  if (lookout == nullptr || !route.command.empty() || !may_be_elsewhere(end) || route.hops.empty()) co_return false;
  if (route.hops.back().backend != route.backend) co_return false;  // nobody logs in there
  const auto source = source_of(sources, route.backend, route.hops.back().name);
  if (!source) log::error("the store cannot be read: {} (sources)", source.error().text);
  if (!source || !*source) co_return false;
  // Who cannot be reached cannot be asked.
  const bool is_own = **source == route.backend;
  if (is_own && end.reason == Reason::backend_unreachable) co_return false;
  LookUp look_up(*lookout, loop, **source, route.container);
  co_await look_up.over();
  co_return true;
}

Task<bool> Following::ask(std::int64_t container, access::Hop backend) const {
  if (lookout == nullptr) co_return false;
  const auto source = source_of(sources, backend.backend, backend.name);
  if (!source) log::error("the store cannot be read: {} (sources)", source.error().text);
  if (!source || !*source) co_return false;
  LookUp look_up(*lookout, loop, **source, container);
  co_await look_up.over();
  co_return true;
}

bool is_same_place(const access::Route& one, const access::Route& other) {
  return one.container == other.container && one.hops == other.hops && one.address == other.address &&
         one.port == other.port && one.command == other.command;
}

}  // namespace bastion::follow
