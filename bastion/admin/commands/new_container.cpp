#include "bastion/admin/commands/new_container.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/admin/commands/backend_groups.h"
#include "bastion/admin/commands/container_place.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/legacy.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/some_of.h"
#include "store/groups.h"

namespace bastion::admin {
namespace {

using store::Backend;
using store::Container;

// Where nobody has measured it, it is taken for reachable.
bool is_unreachable(const Context& context, const Backend& backend) {
  return context.snapshot.reachability &&
         std::ranges::any_of(*context.snapshot.reachability, [&](const upstream::Reachability& known) {
           return known.backend == backend.id && known.state == upstream::Reachability::State::unreachable;
         });
}

// A backend that new containers may be put on, as placement.h wants it.
Result<Backend> placed(Context& context, const Arguments& arguments, const store::User& owner) {
  const auto open = open_backends(context, arguments, owner);
  if (!open) return std::unexpected(open.error());
  const auto best = place(open->candidates);
  if (best) return open->backends[*best];
  return std::unexpected(nowhere_to_place(*open, owner));
}

}  // namespace

Result<OpenBackends> open_backends(Context& context, const Arguments& arguments, const store::User& owner) {
  const auto backends = store::Backends(context.database).all();
  if (!backends) return std::unexpected(backends.error());
  store::Containers containers(context.database);
  store::Groups groups(context.database);
  OpenBackends open;
  for (const auto& backend : *backends) {
    if (backend.state != store::BackendState::active || !takes(backend, arguments)) continue;
    const auto serves = groups.serves(backend.id, owner.id);
    if (!serves) return std::unexpected(serves.error());
    if (!*serves) {
      open.for_others.push_back(backend.name);
      continue;
    }
    if (is_unreachable(context, backend)) {
      open.unreachable.push_back(backend.name);
      continue;
    }
    const auto count = containers.count_on_backend(backend.id);
    if (!count) return std::unexpected(count.error());
    open.candidates.push_back({.name = backend.name, .containers = *count, .capacity = backend.capacity});
    open.backends.push_back(backend);
  }
  return open;
}

Error nowhere_to_place(const OpenBackends& open, const store::User& owner) {
  if (open.candidates.empty() && open.unreachable.empty() && !open.for_others.empty()) {
    return {fmt::format("no active backend serves {}; for other groups: {}", owner.name, some_of(open.for_others))};
  }
  if (open.candidates.empty() && open.unreachable.empty()) return {"there is no active backend to put it on"};
  if (open.candidates.empty()) return {fmt::format("no active backend can be reached: {}", some_of(open.unreachable))};
  if (open.unreachable.empty()) return {"every active backend is full"};
  return {fmt::format("every active backend that can be reached is full; not reached: {}", some_of(open.unreachable))};
}

Result<Container> described(Context& context, const Arguments& arguments) {
  const auto owner = find_user(context, arguments.text("--owner"));
  if (!owner) return std::unexpected(owner.error());
  const auto backend = arguments.given("--auto-place") ? placed(context, arguments, *owner)
                                                       : find_backend(context, arguments.text("--backend"));
  if (!backend) return std::unexpected(backend.error());
  return described_on(context, arguments, *backend);
}

Result<Container> described_on(Context& context, const Arguments& arguments, const Backend& backend) {
  const auto owner = find_user(context, arguments.text("--owner"));
  if (!owner) return std::unexpected(owner.error());
  if (auto served = must_serve(context, backend, *owner); !served) return std::unexpected(served.error());
  Container container;
  container.name = arguments.text("NAME");
  if (auto there = put_on(container, backend, arguments); !there) return std::unexpected(there.error());
  container.owner = owner->id;
  container.owner_name = owner->name;
  container.account = arguments.optional("--login").value_or(owner->name);
  if (check_login(container.account)) {
    return fail("{} is no name of an account in a container: give --login", container.account);
  }
  container.is_default = arguments.given("--default");
  container.is_legacy = arguments.given("--legacy");
  set_identity(arguments, container.presents);
  container.created_at = context.now;
  return container;
}

Result<std::string> new_choice(Context& context, const Container& added) {
  const auto all = store::Containers(context.database).of_owner(added.owner);
  if (!all) return std::unexpected(all.error());
  if (all->size() != 2 || std::ranges::any_of(*all, &Container::is_default)) return std::string{};
  const auto& first = all->front().id == added.id ? all->back() : all->front();
  return fmt::format(
      "; {0} has two containers now and no default: ssh {0}@… asks which one, and without a terminal is refused; "
      "container set {1} --default leads there again",
      added.owner_name, first.full_name());
}

RuntimeQuery ask_where_to_place(const Arguments& arguments) {
  return arguments.given("--auto-place") ? RuntimeQuery(ReachabilityQuery{}) : RuntimeQuery{};
}

}  // namespace bastion::admin
