#include "bastion/access/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bastion/access/landing.h"
#include "bastion/base/endpoint.h"
#include "store/backends.h"
#include "store/containers.h"

namespace bastion::access {
namespace {

using store::Backend;
using store::Container;

std::unexpected<End> end(Reason reason, std::string subject, std::string detail = {}) {
  return std::unexpected(End{reason, std::move(subject), std::move(detail)});
}

// `ssh alice+db@... (db, web)`
std::string ways_to_name(const std::vector<Container>& containers, const Identity& who) {
  std::string list;
  for (const auto& container : containers) {
    if (!list.empty()) list += ", ";
    list += shown_to(who, container);
  }
  return fmt::format("ssh {}+{}@... ({})", who.name, shown_to(who, containers.front()), list);
}

// Both choices are from what is open to the user, their own first.
std::expected<Container, End> choose_default(const std::vector<Container>& open, const Identity& who) {
  if (open.empty()) return end(Reason::no_container, {});
  if (const auto* const found = landing(open, who.user)) return *found;
  return end(Reason::no_default_container, ways_to_name(open, who));
}

Hop hop_of(const Backend& backend) {
  return {backend.id,      backend.name,      backend.host,     backend.port,
          backend.account, backend.is_legacy, backend.presents, backend.dials_in};
}

std::expected<std::vector<Hop>, End> hops_of(const std::vector<Backend>& chain) {
  std::vector<Hop> hops;
  for (const Backend& backend : chain) {
    if (backend.state != store::BackendState::active) {
      return end(Reason::backend_not_active, backend.name, std::string(text_of(backend.state)));
    }
    if (backend.route == store::RouteKind::direct) continue;
    hops.push_back(hop_of(backend));
  }
  return hops;
}

}  // namespace

std::string Hop::place() const { return dials_in ? "its link" : Endpoint{host, port}.text(); }

std::string Route::place() const { return command.empty() ? Endpoint{address, port}.text() : command; }

std::string shown_to(const Identity& who, const Container& container) {
  return container.owner == who.user ? container.name : container.full_name();
}

std::expected<Container, End> choose_named(const std::vector<Container>& open, const Identity& who,
                                           const Target& target) {
  if (target.owner) {
    const auto found = std::ranges::find(open, *target.owner, &Container::owner_name);
    if (found == open.end()) return end(Reason::container_not_found, *target.owner + "/" + *target.container);
    return *found;
  }
  if (open.empty()) return end(Reason::container_not_found, *target.container);
  if (open.size() == 1 || open.front().owner == who.user) return open.front();
  return end(Reason::container_ambiguous, ways_to_name(open, who));
}

std::expected<Container, End> find_container(store::Containers& containers, const Identity& who, const Target& target,
                                             std::int64_t now) {
  const store::Entrant her{who.user, who.name};
  const auto open = target.container ? containers.open_to(her, *target.container, now) : containers.open_to(her, now);
  if (!open) return end(Reason::internal, {}, open.error().text);
  return target.container ? choose_named(*open, who, target) : choose_default(*open, who);
}

std::expected<std::vector<Hop>, End> find_hops(store::Backends& backends, std::int64_t backend) {
  const auto chain = backends.chain(backend);
  if (!chain) return end(Reason::internal, {}, chain.error().text);
  return hops_of(*chain);
}

std::expected<std::vector<Hop>, End> find_hops_before(store::Backends& backends, std::int64_t backend) {
  auto chain = backends.chain(backend);
  if (!chain) return end(Reason::internal, {}, chain.error().text);
  if (!chain->empty()) chain->pop_back();
  return hops_of(*chain);
}

std::expected<std::vector<Hop>, End> find_hops_to(store::Backends& backends, const Container& container) {
  if (!container.is_served) return end(Reason::backend_serves_others, container.backend_name);
  auto hops = find_hops(backends, container.backend);
  if (!hops || !container.is_by_command()) return hops;
  if (hops->empty() || hops->back().backend != container.backend) {
    return end(Reason::backend_runs_no_command, container.backend_name, "the bastion does not log in to it");
  }
  return hops;
}

Result<std::vector<Hop>> find_way(store::Backends& backends, std::int64_t backend) {
  const auto chain = backends.chain(backend);
  if (!chain) return std::unexpected(chain.error());
  std::vector<Hop> way;
  for (const Backend& one : *chain) {
    if (one.route != store::RouteKind::direct) way.push_back(hop_of(one));
  }
  return way;
}

std::expected<Route, End> find_route(store::Containers& containers, store::Backends& backends, const Identity& who,
                                     const Target& target, std::int64_t now) {
  const auto chosen = find_container(containers, who, target, now);
  if (!chosen) return std::unexpected(chosen.error());
  auto hops = find_hops_to(backends, *chosen);
  if (!hops) return std::unexpected(hops.error());
  return Route{.hops = *std::move(hops),
               .container = chosen->id,
               .backend = chosen->backend,
               .container_name = shown_to(who, *chosen),
               .full_name = chosen->full_name(),
               .address = chosen->address,
               .port = chosen->port,
               .command = chosen->command,
               .account = chosen->account,
               .is_legacy = chosen->is_legacy,
               .presents = chosen->presents,
               .group = chosen->group};
}

}  // namespace bastion::access
