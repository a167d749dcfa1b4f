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
  if (!rules.enabled) tables_ = {};
}

Penalties::Table& Penalties::table_of(const Network& source) { return tables_[source.first().is_ipv4() ? 0 : 1]; }

const Penalties::Table& Penalties::table_of(const Network& source) const {
  return tables_[source.first().is_ipv4() ? 0 : 1];
}

bool Penalties::is_full(const Table& table) const {
  return table.size() >= static_cast<std::size_t>(rules_.max_sources);
}

bool Penalties::make_room(Table& table) const {
  if (!is_full(table)) return true;
  if (rules_.overflow == config::PenaltyRules::Overflow::deny_all) return false;
  while (is_full(table)) table.remove_first();
  return true;
}

bool Penalties::punish(const Network& source, session::Offence offence, Time now) {
  const auto time = time_for(rules_, offence);
  if (!rules_.enabled || time.count() == 0) return false;
  auto& table = table_of(source);
  table.pass(now);
  const auto* const before = table.find(source);
  if (before == nullptr && !make_room(table)) return false;
  const auto until = std::min<Time>((before == nullptr ? now : before->until) + time, now + rules_.max);
  Penalty penalty = before == nullptr ? Penalty{} : before->known;
  penalty.cause = offence;
  const bool begins = !penalty.refuses && until - now > rules_.min;
  if (begins) {
    penalty.refuses = true;
    penalty.since = now;
  }
  table.put(source, until, penalty);
  return begins;
}

bool Penalties::refuses(const Network& source, Time now) {
  if (!rules_.enabled) return false;
  auto& table = table_of(source);
  table.pass(now);
  if (is_full(table) && rules_.overflow == config::PenaltyRules::Overflow::deny_all) return true;
  return find(source) != nullptr;
}

const Penalties::Entry* Penalties::find(const Network& source) const {
  const auto* const entry = table_of(source).find(source);
  return entry != nullptr && entry->known.refuses ? entry : nullptr;
}

std::vector<Network> Penalties::forgive(const Network& network) {
  std::vector<Network> all;
  for (const auto& [source, entry] : table_of(network).all()) {
    if (network.contains(source)) all.push_back(source);
  }
  std::vector<Network> refused;
  for (const auto& source : all) {
    if (find(source) != nullptr) refused.push_back(source);
    table_of(network).remove(source);
  }
  return refused;
}

void Penalties::restore(const Network& source, const Penalty& penalty, Time until) {
  if (!rules_.enabled || !make_room(table_of(source))) return;
  table_of(source).put(source, until, {.cause = penalty.cause, .refuses = true, .since = penalty.since});
}

}  // namespace bastion::server
