#include "bastion/access/destination.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "bastion/access/route.h"
#include "bastion/access/target.h"
#include "store/backends.h"
#include "store/containers.h"

namespace bastion::access {
namespace {

using store::Backend;
using store::Container;
using Found = std::optional<Container>;

constexpr std::uint16_t kSshPort = 22;

std::unexpected<Error> refusal(const End& end) { return std::unexpected(Error{sentence_of(end)}); }
std::unexpected<Error> broken(const Error& error) { return refusal({Reason::internal, {}, error.text}); }

// What is asked of the store again and again.
struct Question {
  store::Containers& containers;
  store::Backends& backends;
  const Identity& who;
  const Target& target;
  const Endpoint& wanted;
  std::int64_t now;
};

Result<Destination> tunnel_to(const Question& asked, const Container& container, std::uint16_t port) {
  auto hops = find_hops(asked.backends, container.backend);
  if (!hops) return refusal(hops.error());
  return ThroughTheHops{.hops = *std::move(hops),
                        .to = {container.address, port},
                        .name = container.full_name(),
                        .unreachable = Reason::container_unreachable,
                        .container = ContainerPlace{.container = container.id,
                                                    .backend = container.backend,
                                                    .address = container.address,
                                                    .port = container.port}};
}

// By name: `web`, `bob/web`, `bob+web`.
Result<Found> named(const Question& asked) {
  const auto target = parse_target(asked.who.name + "+" + asked.wanted.host);
  if (!target) return Found{};
  const auto open = asked.containers.open_to({asked.who.user, asked.who.name}, *target->container, asked.now);
  if (!open) return broken(open.error());
  const auto chosen = choose_named(*open, asked.who, *target);
  if (chosen) return Found{*chosen};
  // A plain name may be that of something else; one with an owner is of a container or of nothing.
  if (chosen.error().reason == Reason::container_not_found && !target->owner) return Found{};
  return refusal(chosen.error());
}

// The backend her login leads to, if that is decided.
std::optional<std::int64_t> home_of(const Question& asked) {
  const auto chosen = find_container(asked.containers, asked.who, asked.target, asked.now);
  return chosen ? std::optional(chosen->backend) : std::nullopt;
}

std::vector<Container> on(std::int64_t backend, const std::vector<Container>& all) {
  std::vector<Container> there;
  std::ranges::copy_if(all, std::back_inserter(there), [&](const Container& one) { return one.backend == backend; });
  return there;
}

// One of several that share an address on one backend. Those with the same port are accounts in one machine, which is
// anybody's who may enter one of them; those with another port are other machines. A port that is nobody's sshd is
// anybody's who may enter all of these.
Result<Found> among(const Question& asked, const std::vector<Container>& there, const std::vector<Container>& open) {
  std::map<std::uint16_t, const Container*> machines;  // by port; null: closed
  for (const auto& one : there) {
    auto& entered = machines[one.port];
    if (std::ranges::find(open, one.id, &Container::id) != open.end()) entered = &one;
  }
  const auto exact = machines.find(asked.wanted.port);
  const bool hers = exact != machines.end() ? exact->second != nullptr
                                            : std::ranges::all_of(machines, [](const auto& at) { return at.second; });
  if (!hers) {
    return fail("{} is somebody else's container; ask its owner to share it with you", asked.wanted.host);
  }
  return Found{exact != machines.end() ? *exact->second : *machines.begin()->second};
}

Result<Found> at_address(const Question& asked, const std::string& address) {
  const auto all = asked.containers.at(address);
  if (!all) return broken(all.error());
  if (all->empty()) return Found{};
  const auto open = asked.containers.open_to({asked.who.user, asked.who.name}, asked.now);
  if (!open) return broken(open.error());
  if (const auto home = home_of(asked)) {
    if (const auto there = on(*home, *all); !there.empty()) return among(asked, there, *open);
  }
  std::set<std::int64_t> backends;
  std::vector<std::string> names;
  for (const auto& one : *open) {
    if (one.address != address) continue;
    backends.insert(one.backend);
    names.push_back(shown_to(asked.who, one));
  }
  if (backends.empty()) return Found{};  // it is in a network she has nothing to do with
  if (backends.size() > 1) {
    return fail("several of your containers have the address {}; write the name of one: {}", address,
                fmt::join(names, ", "));
  }
  return among(asked, on(*backends.begin(), *all), *open);
}

Result<std::optional<Backend>> backend_at(const Question& asked, const std::optional<std::string>& address) {
  auto named = asked.backends.find(asked.wanted.host);
  if (!named) return broken(named.error());
  if (*named) return *std::move(named);
  const auto at = asked.backends.at(address.value_or(asked.wanted.host));
  if (!at) return broken(at.error());
  if (at->empty()) return std::optional<Backend>{};
  const auto exact = std::ranges::find(*at, asked.wanted.port, &Backend::port);
  return std::optional(exact != at->end() ? *exact : at->front());
}

Result<Destination> to_backend(const Question& asked, const Backend& backend) {
  if (asked.who.role != store::Role::admin) {
    return fail(
        "users may not connect to {}, and need no jump: write `ssh {}@<this bastion>`, or "
        "`ssh -J {}@<this bastion> <login>@<container>` without {}",
        backend.name, text_of(asked.target), text_of(asked.target), asked.wanted.host);
  }
  auto hops = find_hops_before(asked.backends, backend.id);
  if (!hops) return refusal(hops.error());
  const bool by_name = asked.wanted.host == backend.name;
  const auto port = by_name && asked.wanted.port == kSshPort ? backend.port : asked.wanted.port;
  return ThroughTheHops{*std::move(hops), {backend.host, port}, backend.name, Reason::backend_unreachable};
}

}  // namespace

Result<Destination> find_destination(store::Containers& containers, store::Backends& backends, const Identity& who,
                                     const Target& target, const Endpoint& wanted, std::int64_t now) {
  const Question asked{containers, backends, who, target, wanted, now};
  const auto by_name = named(asked);
  if (!by_name) return std::unexpected(by_name.error());
  if (*by_name) return tunnel_to(asked, **by_name, wanted.port == kSshPort ? (*by_name)->port : wanted.port);

  const auto container = at_address(asked, canonical_host(wanted.host));
  if (!container) return std::unexpected(container.error());
  if (*container) return tunnel_to(asked, **container, wanted.port);
  const auto backend = backend_at(asked, canonical_address(wanted.host));
  if (!backend) return std::unexpected(backend.error());
  if (*backend) return to_backend(asked, **backend);
  return Inside{};
}

}  // namespace bastion::access
