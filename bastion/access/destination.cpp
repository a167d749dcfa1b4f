#include "bastion/access/destination.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "bastion/access/host.h"
#include "bastion/access/route.h"
#include "bastion/access/target.h"
#include "bastion/base/network.h"
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
  const Endpoint& wanted;  // the host as comparable_host() has it
  std::int64_t now;
};

Result<Destination> tunnel_to(const Question& asked, const Container& container, std::uint16_t port) {
  auto hops = find_hops_to(asked.backends, container);
  if (!hops) return refusal(hops.error());
  return ThroughTheHops{
      .hops = *std::move(hops),
      .to = {container.address, port},
      .command = container.command,
      .name = container.full_name(),
      .unreachable = container.is_by_command() ? Reason::container_command_failed : Reason::container_unreachable,
      .container = ContainerPlace{.container = container.id,
                                  .backend = container.backend,
                                  .address = container.address,
                                  .port = container.port,
                                  .command = container.command}};
}

// By name: `web`, `bob/web`, `bob+web`.
Result<Found> named(const Question& asked) {
  if (asked.wanted.host.contains(':')) return Found{};  // an IPv6 address; in a target it would begin a style
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

// Which network the containers of a backend are in: that of the last hop on the way there, or the bastion's own.
class Networks {
 public:
  explicit Networks(const std::vector<Backend>& all) {
    for (const auto& one : all) backends_.emplace(one.id, &one);
  }

  // The row of that hop; 0: the bastion's own.
  [[nodiscard]] std::int64_t of(std::int64_t backend) const {
    for (const auto* at = find(backend); at != nullptr; at = find(at->via.value_or(0))) {
      if (at->route == store::RouteKind::hop) return at->id;
    }
    return 0;
  }
  // Whether one is reached via the other, or is it.
  [[nodiscard]] bool passes(std::int64_t backend, std::int64_t on_the_way) const {
    for (const auto* at = find(backend); at != nullptr; at = find(at->via.value_or(0))) {
      if (at->id == on_the_way) return true;
    }
    return false;
  }

 private:
  [[nodiscard]] const Backend* find(std::int64_t id) const {
    const auto found = backends_.find(id);
    return found == backends_.end() ? nullptr : found->second;
  }

  std::map<std::int64_t, const Backend*> backends_;
};

std::vector<Container> in_network(const Networks& networks, std::int64_t backend, const std::vector<Container>& all) {
  std::vector<Container> there;
  std::ranges::copy_if(all, std::back_inserter(there),
                       [&](const Container& one) { return networks.of(one.backend) == networks.of(backend); });
  return there;
}

// What is at the address of a container, in its network, and what of all that she may enter.
struct Neighbours {
  std::vector<Container> there;
  std::vector<Container> open;

  [[nodiscard]] bool may_enter(const Container& one) const {
    return std::ranges::find(open, one.id, &Container::id) != open.end();
  }
};

// The address is that of a machine which is more than this container, or may be: whoever forwards its ports into one
// (`docker -p`, an Incus proxy device) makes it an address of the backend's own, and names are not resolved here.
Result<bool> is_of_a_host(const Question& asked, const Container& container) {
  if (is_loopback(container.address) || is_link_local(container.address) || !address_of(container.address)) return true;
  const auto chain = asked.backends.chain(container.backend);
  if (!chain) return broken(chain.error());
  return std::ranges::any_of(*chain,
                             [&](const Backend& one) { return comparable_host(one.host) == container.address; });
}

// Whose port it is, of those that share an address. Those with the same port are accounts in one machine, which is
// anybody's who may enter one of them; those with another port are other machines. A port that is nobody's sshd is
// anybody's who may enter all of these. Nothing where it is the host's.
Result<Found> among(const Question& asked, const Neighbours& all, std::uint16_t port) {
  std::map<std::uint16_t, const Container*> machines;  // by port; null: closed
  for (const auto& one : all.there) {
    auto& entered = machines[one.port];
    if (all.may_enter(one)) entered = &one;
  }
  const auto exact = machines.find(port);
  if (exact == machines.end()) {
    for (const auto& one : all.there) {
      const auto of_a_host = is_of_a_host(asked, one);
      if (!of_a_host) return std::unexpected(of_a_host.error());
      if (*of_a_host) return Found{};
    }
  }
  const bool hers = exact != machines.end() ? exact->second != nullptr
                                            : std::ranges::all_of(machines, [](const auto& at) { return at.second; });
  if (!hers) {
    return fail("{} is somebody else's container; ask its owner to share it with you",
                Endpoint{asked.wanted.host, port}.text());
  }
  return Found{exact != machines.end() ? *exact->second : *machines.begin()->second};
}

std::unexpected<Error> only_its_sshd(const Question& asked, const Container& container, std::uint16_t port) {
  return fail("only port {} of {} leads into it; for another one, log in there and write localhost:{}", container.port,
              shown_to(asked.who, container), port);
}

// By name the same holds for its ports as by address: a name is no way around a neighbour.
Result<Destination> at_name(const Question& asked, const Container& container) {
  const auto port = asked.wanted.port == kSshPort ? container.port : asked.wanted.port;
  if (port == container.port) return tunnel_to(asked, container, port);
  if (container.is_by_command()) return only_its_sshd(asked, container, port);
  const auto all = asked.containers.at(container.address);
  if (!all) return broken(all.error());
  const auto backends = asked.backends.all();
  if (!backends) return broken(backends.error());
  const Networks networks(*backends);
  const auto open = asked.containers.open_to({asked.who.user, asked.who.name}, asked.now);
  if (!open) return broken(open.error());
  const auto found = among(asked, {in_network(networks, container.backend, *all), *open}, port);
  if (!found) return std::unexpected(found.error());
  if (*found) return tunnel_to(asked, (*found)->port == port ? **found : container, port);
  return only_its_sshd(asked, container, port);
}

Result<Found> at_address(const Question& asked) {
  const auto all = asked.containers.at(asked.wanted.host);
  if (!all) return broken(all.error());
  if (all->empty()) return Found{};
  const auto open = asked.containers.open_to({asked.who.user, asked.who.name}, asked.now);
  if (!open) return broken(open.error());
  const auto backends = asked.backends.all();
  if (!backends) return broken(backends.error());
  const Networks networks(*backends);
  if (const auto home = home_of(asked)) {
    auto there = in_network(networks, *home, *all);
    if (!there.empty()) return among(asked, {std::move(there), *open}, asked.wanted.port);
  }
  std::map<std::int64_t, std::int64_t> hers;  // a network, and a backend in it
  std::vector<std::string> names;
  for (const auto& one : *open) {
    if (one.address != asked.wanted.host) continue;
    hers.emplace(networks.of(one.backend), one.backend);
    names.push_back(shown_to(asked.who, one));
  }
  if (hers.empty()) return Found{};  // it is in a network she has nothing to do with
  if (hers.size() > 1) {
    return fail("several of your containers have the address {}; write the name of one: {}", asked.wanted.host,
                fmt::join(names, ", "));
  }
  return among(asked, {in_network(networks, hers.begin()->second, *all), *open}, asked.wanted.port);
}

// A backend that is none to her is no other name than one that does not exist: she may not find out which there are.
// Those that something of hers is behind she knows, and she may have had them for jumps.
Result<bool> knows(const Question& asked, const Backend& backend) {
  if (asked.who.role == store::Role::admin) return true;
  const auto open = asked.containers.open_to({asked.who.user, asked.who.name}, asked.now);
  if (!open) return broken(open.error());
  const auto backends = asked.backends.all();
  if (!backends) return broken(backends.error());
  const Networks networks(*backends);
  return std::ranges::any_of(*open, [&](const Container& one) { return networks.passes(one.backend, backend.id); });
}

Result<std::optional<Backend>> backend_at(const Question& asked) {
  auto named = asked.backends.find(asked.wanted.host);
  if (!named) return broken(named.error());
  if (*named) return *std::move(named);
  const auto at = asked.backends.at(asked.wanted.host);
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
  auto hops = backend.dials_in ? find_hops(asked.backends, backend.id) : find_hops_before(asked.backends, backend.id);
  if (!hops) return refusal(hops.error());
  const bool by_name = asked.wanted.host == backend.name;
  const auto port = by_name && asked.wanted.port == kSshPort ? backend.port : asked.wanted.port;
  return ThroughTheHops{.hops = *std::move(hops),
                        .to = {backend.dials_in ? "localhost" : backend.host, port},
                        .name = backend.name,
                        .unreachable = Reason::backend_unreachable};
}

}  // namespace

Result<Destination> find_destination(store::Containers& containers, store::Backends& backends, const Identity& who,
                                     const Target& target, const Endpoint& wanted, std::int64_t now) {
  const Endpoint known{comparable_host(wanted.host), wanted.port};
  if (is_loopback(known.host)) return Inside{};
  const Question asked{containers, backends, who, target, known, now};
  const auto by_name = named(asked);
  if (!by_name) return std::unexpected(by_name.error());
  if (*by_name) return at_name(asked, **by_name);

  const auto container = at_address(asked);
  if (!container) return std::unexpected(container.error());
  if (*container) return tunnel_to(asked, **container, wanted.port);

  const auto backend = backend_at(asked);
  if (!backend) return std::unexpected(backend.error());
  if (!*backend) return Inside{};
  const auto is_known = knows(asked, **backend);
  if (!is_known) return std::unexpected(is_known.error());
  if (!*is_known) return Inside{};
  return to_backend(asked, **backend);
}

}  // namespace bastion::access
