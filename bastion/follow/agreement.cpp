#include "bastion/follow/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <ranges>
#include <set>
#include <tuple>
#include <utility>

#include "bastion/access/host.h"
#include "bastion/base/endpoint.h"

namespace bastion::follow {
namespace {

using store::Container;

using Spot = std::tuple<std::int64_t, std::string, std::uint16_t>;  // backend, address, port

// One account or several in it.
struct Machine {
  std::vector<const Container*> accounts;
  std::vector<const Instance*> candidates = {};
  const Instance* instance = nullptr;  // that it is
  std::optional<Place> backend = std::nullopt;
  std::string address = {};  // where it is to go, with a backend
  std::string drift = {};

  [[nodiscard]] const Container& first() const { return *accounts.front(); }
  [[nodiscard]] Spot spot() const { return {first().backend, first().address, first().port}; }
  [[nodiscard]] Spot goal() const { return {backend->backend, address, first().port}; }
  [[nodiscard]] bool moves() const { return backend && goal() != spot(); }
};

std::string state_of(const Instance& instance) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kStates{
      {{"Running", "running"}, {"Stopped", "stopped"}, {"Frozen", "frozen"}, {"Error", "error"}}};
  const auto* const found = std::ranges::find(kStates, instance.status, &decltype(kStates)::value_type::first);
  return std::string(found == kStates.end() ? "other" : found->second);
}

// The names by which it may be listed.
std::set<std::string, std::less<>> names_of(const Container& container) {
  if (!container.is_by_command()) return {container.name};
  std::set<std::string, std::less<>> names;
  for (const auto word : container.command | std::views::split(' ')) names.emplace(word.begin(), word.end());
  return names;
}

std::vector<Machine> machines_in(const std::vector<Container>& known) {
  std::map<Spot, std::size_t> places;
  std::vector<Machine> machines;
  for (const auto& container : known) {
    const Spot spot{container.backend, container.is_by_command() ? container.command : container.address,
                    container.is_by_command() ? 0 : container.port};
    const auto [place, is_new] = places.try_emplace(spot, machines.size());
    if (is_new) machines.push_back({.accounts = {}});
    machines[place->second].accounts.push_back(&container);
  }
  return machines;
}

bool is_listed_at(const Instance& instance, const Machine& machine) {
  return instance.addresses.contains(machine.first().address);
}

// One name may be that of several containers, and one machine have several names: what is where the directory has it
// decides, or nothing does.
template <typename T, typename Agrees>
T* only_one(const std::vector<T*>& candidates, Agrees agrees) {
  if (candidates.size() == 1) return candidates.front();
  T* found = nullptr;
  for (auto* const one : candidates) {
    if (!agrees(*one)) continue;
    if (found != nullptr) return nullptr;
    found = one;
  }
  return found;
}

void recognize(std::vector<Machine>& machines, const std::vector<const Instance*>& listed) {
  std::map<std::string_view, std::vector<const Instance*>> by_name;
  for (const auto* const instance : listed) by_name[instance->name].push_back(instance);
  std::map<const Instance*, std::vector<Machine*>> claims;
  for (auto& machine : machines) {
    std::set<std::string, std::less<>> names;
    for (const auto* const account : machine.accounts) names.merge(names_of(*account));
    for (const auto& name : names) {
      const auto found = by_name.find(name);
      if (found != by_name.end()) std::ranges::copy(found->second, std::back_inserter(machine.candidates));
    }
    if (const auto* const one =
            only_one(machine.candidates, [&](const Instance& instance) { return is_listed_at(instance, machine); })) {
      // Any number of commands may lead to one instance.
      if (machine.first().is_by_command()) machine.instance = one;
      if (!machine.first().is_by_command()) claims[one].push_back(&machine);
    }
  }
  for (const auto& [instance, claimants] : claims) {
    auto* const one =
        only_one(claimants, [&instance](const Machine& machine) { return is_listed_at(*instance, machine); });
    if (one != nullptr) one->instance = instance;
  }
}

std::string drift_of_unbound(const Machine& machine) {
  const auto& name = machine.candidates.front()->name;
  return fmt::format("it cannot be told whether the instance {} is this one or another of that name", name);
}

// Where it runs; the error is why that is no backend of ours.
Result<Place> backend_of(const Instance& instance, const Reach& reach) {
  if (reach.source.members.empty() || instance.location.empty() || instance.location == "none") return reach.own;
  const auto found = reach.members.find(instance.location);
  if (found != reach.members.end()) return found->second;
  return fail("it runs on {}, and no --map says which backend that is", instance.location);
}

Result<std::string> own_address_of(const Instance& instance, const Reach& reach) {
  auto address = address_in(instance, reach.source.interface);
  if (!address) return address;
  const auto host = access::comparable_host(*address);
  if (!access::is_loopback(host) && !access::is_link_local(host)) return address;
  return fail("its address {} is one that every machine has for itself", *address);
}

void look_for_place(Machine& machine, const Reach& reach) {
  if (!has_own_address(machine.first())) return;
  auto backend = backend_of(*machine.instance, reach);
  if (!backend) {
    machine.drift = std::move(backend.error().text);
    return;
  }
  auto address = own_address_of(*machine.instance, reach);
  if (!address) {
    // One that does not run has none, and keeps the one it had.
    if (machine.instance->is_running()) machine.drift = std::move(address.error().text);
    return;
  }
  machine.address = *std::move(address);
  machine.backend = *std::move(backend);
}

void stay(Machine& machine, std::string_view why_not) {
  machine.drift = fmt::format("it is at {} on backend {}, {}", machine.address, machine.backend->name, why_not);
  machine.backend = std::nullopt;
}

// Whoever cannot go is in the way of others: until nobody is.
void make_way(std::vector<Machine>& machines) {
  constexpr int kMostRounds = 100;
  bool is_changed = true;
  for (int rounds = 0; is_changed; ++rounds) {
    is_changed = false;
    std::map<Spot, std::vector<Machine*>> there;
    for (auto& machine : machines) {
      if (machine.first().is_by_command()) continue;
      there[machine.moves() ? machine.goal() : machine.spot()].push_back(&machine);
    }
    for (auto& [spot, several] : there) {
      if (several.size() < 2 && rounds < kMostRounds) continue;
      for (auto* const machine : several) {
        if (!machine->moves()) continue;
        const auto* const other = several.front() == machine ? several.back() : several.front();
        stay(*machine, other == machine ? "which cannot be told apart from others"
                                        : fmt::format("where {} is already", other->first().full_name()));
        is_changed = true;
      }
    }
  }
}

}  // namespace

Result<Goal> goal_of(const Instance& instance, const Reach& reach) {
  auto backend = backend_of(instance, reach);
  if (!backend) return std::unexpected(std::move(backend.error()));
  auto address = own_address_of(instance, reach);
  if (!address) return std::unexpected(std::move(address.error()));
  return Goal{.backend = *std::move(backend), .address = *std::move(address)};
}

bool has_own_address(const Container& container) {
  if (container.is_by_command() || !canonical_address(container.address)) return false;
  const auto host = access::comparable_host(container.address);
  return !access::is_loopback(host) && !access::is_link_local(host);
}

std::string Move::left() const { return from.backend_name + "/" + from.place(); }
std::string Move::reached() const { return to.backend_name + "/" + to.place(); }

Agreement agree(const Reach& reach, const std::vector<Instance>& listed, const std::vector<Container>& known) {
  std::vector<const Instance*> instances;
  for (const auto& instance : listed) {
    if (!instance.name.empty() && (!reach.source.project || instance.project == *reach.source.project)) {
      instances.push_back(&instance);
    }
  }
  auto machines = machines_in(known);
  recognize(machines, instances);
  for (auto& machine : machines) {
    if (machine.instance != nullptr) look_for_place(machine, reach);
    if (machine.instance == nullptr && !machine.candidates.empty()) machine.drift = drift_of_unbound(machine);
  }
  make_way(machines);
  Agreement agreement;
  for (const auto& machine : machines) {
    for (const auto* const account : machine.accounts) {
      if (machine.candidates.empty()) {
        agreement.missing.push_back(account->id);
        continue;
      }
      agreement.seen.push_back({.container = account->id,
                                .state = machine.instance == nullptr ? std::string{} : state_of(*machine.instance),
                                .drift = machine.drift});
      if (!machine.moves()) continue;
      auto to = *account;
      to.backend = machine.backend->backend;
      to.backend_name = machine.backend->name;
      to.address = machine.address;
      agreement.moves.push_back({.from = *account, .to = std::move(to)});
    }
  }
  return agreement;
}

}  // namespace bastion::follow
