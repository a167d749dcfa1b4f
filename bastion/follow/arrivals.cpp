#include "bastion/follow/arrivals.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

namespace bastion::follow {
namespace {

using store::Container;

using Where = std::tuple<std::int64_t, std::string, std::uint16_t>;  // backend, address, port

Where where_is(const Container& one) { return {one.backend, one.address, one.port}; }

// The accounts in one machine.
using Group = std::vector<const Missed*>;

bool is_called(const Group& group, const std::string& name) {
  return std::ranges::any_of(group, [&](const Missed* one) { return one->container.name == name; });
}

bool has_key(const Group& group, const ByteVector& key) {
  return std::ranges::any_of(
      group, [&](const Missed* one) { return std::ranges::find(one->host_keys, key) != one->host_keys.end(); });
}

bool has_any_key(const Group& group) {
  return std::ranges::any_of(group, [](const Missed* one) { return !one->host_keys.empty(); });
}

bool has_key_of(const Group& group, const Proof& proof) {
  return std::ranges::any_of(proof.host_keys, [&](const ByteVector& key) { return has_key(group, key); });
}

std::vector<Group> groups_of(const std::vector<Missed>& missed) {
  std::map<Where, Group> by_place;
  for (const auto& one : missed) {
    if (has_own_address(one.container)) by_place[where_is(one.container)].push_back(&one);
  }
  std::vector<Group> groups;
  for (auto& [where, group] : by_place) groups.push_back(std::move(group));
  return groups;
}

// What is found out about one group.
struct Verdict {
  std::optional<Goal> goal = std::nullopt;
  std::string why_not = {};  // behind "…lists an instance of that name"
};

class Judge {
 public:
  Judge(const Reach& reach, const std::vector<Container>& known, const std::vector<Proof>& proofs)
      : reach_(reach), proofs_(proofs) {
    for (const auto& one : known) taken_.emplace(where_is(one), one.full_name());
  }

  // Nothing where none of the instances can be it.
  std::optional<Verdict> of(const Group& group, const std::vector<Group>& all) const {
    std::vector<const Proof*> its;
    const Proof* other = nullptr;
    for (const auto& proof : proofs_) {
      if (!is_called(group, proof.instance.name)) continue;
      other = &proof;
      if (has_key_of(group, proof)) its.push_back(&proof);
    }
    if (other == nullptr) return std::nullopt;
    if (its.size() > 1) return Verdict{.why_not = "; several there have its host key"};
    if (its.empty()) return Verdict{.why_not = why_none(group, *other)};
    const auto& proof = *its.front();
    const auto claimants = std::ranges::count_if(
        all, [&](const Group& one) { return is_called(one, proof.instance.name) && has_key_of(one, proof); });
    if (claimants > 1) return Verdict{.why_not = "; others that are not listed any more have its host key too"};
    return at_goal(group, proof.instance);
  }

  // Two cannot go to one place: whoever comes first has it.
  void take(const Where& where, const std::string& name) { taken_.emplace(where, name); }

 private:
  static std::string why_none(const Group& group, const Proof& proof) {
    if (!has_any_key(group)) return "; whether it is this one cannot be told, because no host key of this one is known";
    if (proof.host_keys.empty()) return fmt::format("; whether it is this one cannot be told: {}", proof.why);
    return ", which is another one: it has another host key";
  }

  [[nodiscard]] Verdict at_goal(const Group& group, const Instance& instance) const {
    auto goal = goal_of(instance, reach_);
    if (!goal) return {.why_not = fmt::format(", which is this one; {}", goal.error().text)};
    const auto occupied = taken_.find({goal->backend.backend, goal->address, group.front()->container.port});
    if (occupied != taken_.end()) {
      return {.why_not = fmt::format(", which is this one, at {} on backend {}, where {} is already", goal->address,
                                     goal->backend.name, occupied->second)};
    }
    return {.goal = *std::move(goal)};
  }

  const Reach& reach_;
  const std::vector<Proof>& proofs_;
  std::map<Where, std::string> taken_;  // by whom
};

}  // namespace

std::string lists_one_of_that_name(const Place& source) {
  return fmt::format("{} lists an instance of that name", source.name);
}

std::vector<Instance> newcomers(const Reach& reach, const std::vector<Instance>& listed,
                                const std::vector<Container>& known, const std::vector<Missed>& missed) {
  std::set<std::string> here;
  for (const auto& one : known) here.insert(one.name);
  std::set<std::string> wanted;
  for (const auto& one : missed) {
    if (has_own_address(one.container) && !here.contains(one.container.name)) wanted.insert(one.container.name);
  }
  std::vector<Instance> found;
  for (const auto& instance : listed) {
    if (found.size() == kMostNewcomers) break;
    if (reach.source.project && instance.project != *reach.source.project) continue;
    if (!instance.is_running() || !wanted.contains(instance.name)) continue;
    found.push_back(instance);
  }
  return found;
}

Arrivals arrive(const Reach& reach, const std::vector<Container>& known, const std::vector<Missed>& missed,
                const std::vector<Proof>& proofs) {
  Judge judge(reach, known, proofs);
  Arrivals arrivals;
  const auto groups = groups_of(missed);
  for (const auto& group : groups) {
    const auto verdict = judge.of(group, groups);
    if (!verdict) continue;
    for (const auto* const one : group) {
      if (!verdict->goal) {
        arrivals.unsettled.push_back({one->container.id, lists_one_of_that_name(reach.own) + verdict->why_not});
        continue;
      }
      auto to = one->container;
      to.backend = verdict->goal->backend.backend;
      to.backend_name = verdict->goal->backend.name;
      to.address = verdict->goal->address;
      judge.take(where_is(to), to.full_name());
      arrivals.moves.push_back({.from = one->container, .to = std::move(to)});
    }
  }
  return arrivals;
}

}  // namespace bastion::follow
