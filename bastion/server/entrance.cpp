#include "bastion/server/entrance.h"

#include <algorithm>
#include <random>
#include <tuple>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"

namespace bastion::server {
namespace {

ConnectionLimiter::Limits limits_of(const config::Config& config) {
  return {.all = config.max_startups, .per_source = config.max_startups_per_source};
}

int draw_lot() {
  thread_local std::minstd_rand numbers{std::random_device{}()};
  return std::uniform_int_distribution<int>{0, 99}(numbers);
}

}  // namespace

Entrance::Entrance(loop::Loop& loop, store::Writer& writer, metrics::Counters& counters, const config::Config& config)
    : loop_(loop),
      counters_(counters),
      block_(config.source_block),
      exempt_(config.exempt),
      penalties_(config.penalties),
      records_(loop, writer, penalties_),
      limiter_(limits_of(config)),
      refusals_due_(loop, [this] { tell_refusals(); }) {}

void Entrance::apply(const config::Config& config) {
  block_ = config.source_block;
  exempt_ = config.exempt;
  penalties_.apply(config.penalties);
  limiter_.limit(limits_of(config));
}

void Entrance::restore(const std::vector<store::Ban>& bans, const std::vector<store::Sessions::From>& came_from) {
  set_bans(bans);
  const auto now = unix_now();
  const auto here = loop_.now();
  for (const auto& ban : bans) {
    const auto network = Network::parse(ban.network);
    const auto cause = session::offence_of(std::string_view(ban.cause));
    if (ban.origin != store::Ban::Origin::penalty || !network || !cause || !ban.expires_at) continue;
    penalties_.restore(*network, {.cause = *cause, .since = here + std::chrono::seconds(ban.since - now)},
                       here + std::chrono::seconds(*ban.expires_at - now));
  }
  for (const auto& from : came_from) {
    had_good_login(place_of(from.host).source, std::chrono::seconds(now - from.at));
  }
}

void Entrance::set_bans(const std::vector<store::Ban>& bans) {
  std::vector<BanList::Ban> list;
  for (const auto& ban : bans) {
    const auto network = Network::parse(ban.network);
    if (ban.origin == store::Ban::Origin::admin && network) list.push_back({*network, ban.expires_at});
  }
  bans_ = BanList(list);
}

void Entrance::forgive(const Network& network) {
  for (const auto& source : penalties_.forgive(network)) records_.changed(source);
}

// What is no address would be one source.
Entrance::Place Entrance::place_of(const std::string& host) const {
  const auto address = address_of(host).value_or(Address{});
  const auto bits = address.is_ipv4() ? block_.ipv4 : block_.ipv6;
  return {address, Network::around(address, static_cast<std::size_t>(bits))};
}

bool Entrance::is_exempt(const Address& address) const {
  return std::ranges::any_of(exempt_, [&](const Network& network) { return network.contains(address); });
}

Entrance::Answer Entrance::enter(const Endpoint& from, const std::string& id, Step step) {
  if (step == Step::comes) counters_.accepted.bump();
  const auto place = place_of(from.host);
  if (bans_.has(place.address, unix_now())) return refuse(from, Fate::banned);
  const auto now = loop_.now();
  good_.pass(now);
  const bool has_penalty = penalties_.refuses(place.source, now) && !is_exempt(place.address);
  auto* const good = has_penalty ? good_.find_known(place.source) : nullptr;
  if (has_penalty && good == nullptr) return refuse(from, Fate::penalty);
  if (has_penalty && step == Step::comes) return Wait{};
  if (good != nullptr && step == Step::speaks && good->next > now + kPace * (kAtOnce - 1)) return Wait{};
  auto verdict = limiter_.take({.id = id,
                                .host = from.host,
                                .source = place.source,
                                .is_suspect = has_penalty,
                                .has_spoken = step == Step::speaks,
                                .lot = draw_lot()},
                               now);
  if (verdict.refused) return step == Step::has_waited ? refuse(from, *verdict.refused) : Wait{};
  // Who was silent has waited, and takes nobody's turn.
  if (good != nullptr && step == Step::speaks) good->next = std::max(good->next, now) + kPace;
  return Pass{.treatment = has_penalty ? Strangers::Treatment::suspect : Strangers::Treatment::usual,
              .makes_room = std::move(verdict.makes_room)};
}

Entrance::Answer Entrance::refuse(const Endpoint& from, Fate fate) {
  counters_.turned_away.bump();
  tell(from, fate);
  return Refused{};
}

void Entrance::turned_away(const Endpoint& from) {
  counters_.accepted.bump();
  std::ignore = refuse(from, Fate::no_proxy_header);
}

void Entrance::progressed(const std::string& id, Progress progress) { limiter_.progressed(id, progress, loop_.now()); }

void Entrance::settled(const Strangers::Settled& settled) {
  const auto& arrival = settled.arrival;
  const auto reason = settled.reason;
  limiter_.settle(arrival.id);
  const Endpoint from{arrival.from_host, arrival.from_port};
  if (reason == Reason::made_room) tell(from, Fate::made_room);
  if (reason == Reason::no_version_line) tell(from, Fate::no_version_line);
  if (reason == Reason::too_many_rsa_signatures) tell(from, Fate::too_many_rsa);
  const auto place = place_of(arrival.from_host);
  if (settled.admitted) return had_good_login(place.source, std::chrono::seconds::zero());
  if (!settled.offence || is_exempt(place.address)) return;
  const bool begins = penalties_.punish(place.source, *settled.offence, loop_.now());
  if (penalties_.find(place.source) != nullptr) records_.changed(place.source);
  // Where somebody has logged in from, nobody is refused for it.
  if (begins && good_.find(place.source) == nullptr) records_.begins(place.source, arrival, *settled.offence);
  if (begins) log::debug("penalty begins source={} cause={}", place.source.text(), session::code_of(*settled.offence));
}

void Entrance::had_good_login(const Network& source, std::chrono::milliseconds ago) {
  const auto now = loop_.now();
  good_.pass(now);
  if (ago >= kGoodLogins) return;
  if (good_.size() >= static_cast<std::size_t>(kMostGood)) good_.remove_first();
  const auto until = now + kGoodLogins - ago;
  const auto* const known = good_.find(source);
  if (known == nullptr || known->until < until) good_.put(source, until, known == nullptr ? Good{} : known->known);
}

void Entrance::tell(const Endpoint& from, Fate fate) {
  const auto& row = row_of(fate);
  (counters_.*row.counter).bump();
  if (refusals_.idle()) refusals_due_.start(Refusals::kInterval);
  if (refusals_.note({from.host, fate})) {
    log::info("connection {} from={} port={} reason={}", row.what, from.host, from.port, row.reason);
    if (recent_ != nullptr) recent_->note(from.host, row.reason, row.why);
  }
}

void Entrance::tell_refusals() {
  for (const auto& [refused, count] : refusals_.next_interval()) {
    const auto& row = row_of(refused.fate);
    log::info("connections {} from={} count={} seconds={} reason={}", row.what, refused.host, count,
              Refusals::kInterval.count(), row.reason);
  }
  if (!refusals_.idle()) refusals_due_.start(Refusals::kInterval);
}

}  // namespace bastion::server
