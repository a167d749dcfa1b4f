#include "bastion/wake/sleeper.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bastion/base/log.h"
#include "store/wakes.h"

namespace bastion::wake {
namespace {

template <typename T>
T value_or_log(Result<T> read) {
  if (read) return *std::move(read);
  log::error("the store cannot be read: {} (what may be started)", read.error().text);
  return {};
}

// What it is called on its backend.
std::string instance_of(const access::Route& route) { return route.full_name.substr(route.full_name.find('/') + 1); }

}  // namespace

std::optional<Wanted> sleeper(store::Wakes& wakes, const access::Route& route, const End& end) {
  if (end.reason == Reason::container_unreachable || end.reason == Reason::container_command_failed) {
    if (route.hops.empty() || route.hops.back().backend != route.backend) return std::nullopt;
    if (!value_or_log(wakes.of_container(route.container))) return std::nullopt;
    return Wanted{.kind = Wanted::Kind::container,
                  .id = route.container,
                  .name = instance_of(route),
                  .full_name = route.full_name,
                  .way = route.hops,
                  .at = {route.address, route.port},
                  .command = route.command};
  }
  if (end.reason != Reason::backend_unreachable && end.reason != Reason::backend_not_dialled_in) return std::nullopt;
  const auto hop = std::ranges::find(route.hops, end.subject, &access::Hop::name);
  if (hop == route.hops.end()) return std::nullopt;
  auto hook = value_or_log(wakes.of_backend(hop->backend));
  if (hook.empty()) return std::nullopt;
  return Wanted{.kind = Wanted::Kind::backend,
                .id = hop->backend,
                .name = hop->name,
                .full_name = hop->name,
                .way = {route.hops.begin(), hop->dials_in ? hop + 1 : hop},
                .at = {hop->dials_in ? "localhost" : hop->host, hop->port},
                .hook = std::move(hook)};
}

}  // namespace bastion::wake
