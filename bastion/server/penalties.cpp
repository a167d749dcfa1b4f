#include "bastion/server/penalties.h"

#include <algorithm>

namespace bastion::server {
namespace {

std::chrono::seconds time_for(const config::PenaltyRules& rules, session::Offence offence) {
  using enum session::Offence;
  switch (offence) {
    case noauth: return rules.noauth;
    case authfail: return rules.authfail;
    case invaliduser: return rules.invaliduser;
    case max_auth_tries: return rules.max_auth_tries;
    case grace_exceeded: return rules.grace_exceeded;
    case crash: return rules.crash;
  }
  return {};
}

}  // namespace

void Penalties::apply(const config::PenaltyRules& rules) {
  rules_ = rules;
  if (!rules.enabled) kinds_ = {};
}

Penalties::Kind& Penalties::kind_of(const Network& source) { return kinds_[source.first().is_ipv4() ? 0 : 1]; }

const Penalties::Kind& Penalties::kind_of(const Network& source) const {
  return kinds_[source.first().is_ipv4() ? 0 : 1];
}

template <typename Known>
bool Penalties::is_full(const Expiring<Known>& table) const {
  return table.size() >= static_cast<std::size_t>(rules_.max_sources);
}

bool Penalties::make_room(Expiring<Penalty>& table) const {
  if (!is_full(table)) return true;
  if (rules_.overflow == config::PenaltyRules::Overflow::deny_all) return false;
  while (is_full(table)) table.remove_first();
  return true;
}

bool Penalties::punish(const Network& source, session::Offence offence, Time now) {
  const auto time = time_for(rules_, offence);
  if (!rules_.enabled || time.count() == 0) return false;
  auto& [penalties, known] = kind_of(source);
  penalties.pass(now);
  known.pass(now);
  const auto* const before = penalties.find(source);
  if (before == nullptr && !make_room(penalties)) return false;
  const bool is_known = known.find(source) != nullptr;
  auto until = (before == nullptr ? now : before->until) + time;
  if (is_known) until = std::max<Time>(until, now + rules_.min);
  until = std::min<Time>(until, now + rules_.max);
  Penalty penalty = before == nullptr ? Penalty{} : before->known;
  penalty.cause = offence;
  const bool begins = !penalty.refuses && (is_known || until - now > rules_.min);
  if (begins) {
    penalty.refuses = true;
    penalty.since = now;
  }
  penalties.put(source, until, penalty);
  if (penalty.refuses) know(source, penalty.since, until);
  return begins;
}

void Penalties::know(const Network& source, Time since, Time until) {
  auto& known = kind_of(source).known;
  if (known.find(source) == nullptr && is_full(known)) known.remove_first();
  known.put(source, until + (until - since), {});
}

bool Penalties::refuses(const Network& source, Time now) {
  if (!rules_.enabled) return false;
  auto& penalties = kind_of(source).penalties;
  penalties.pass(now);
  if (is_full(penalties) && rules_.overflow == config::PenaltyRules::Overflow::deny_all) return true;
  return find(source) != nullptr;
}

const Penalties::Entry* Penalties::find(const Network& source) const {
  const auto* const entry = kind_of(source).penalties.find(source);
  return entry != nullptr && entry->known.refuses ? entry : nullptr;
}

std::vector<Network> Penalties::forgive(const Network& network) {
  auto& [penalties, known] = kind_of(network);
  std::vector<Network> refused;
  for (const auto& source : penalties.within(network)) {
    if (find(source) != nullptr) refused.push_back(source);
    penalties.remove(source);
  }
  for (const auto& source : known.within(network)) known.remove(source);
  return refused;
}

void Penalties::restore(const Network& source, const Penalty& penalty, Time until) {
  auto& penalties = kind_of(source).penalties;
  if (!rules_.enabled || !make_room(penalties)) return;
  penalties.put(source, until, {.cause = penalty.cause, .refuses = true, .since = penalty.since});
  know(source, penalty.since, until);
}

}  // namespace bastion::server
