#include "bastion/upstream/hop_pool.h"

#include <algorithm>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/metrics/counters.h"
#include "bastion/upstream/chain.h"
#include "bastion/upstream/link_reach.h"

namespace bastion::upstream {
HopPool::HopPool(const Credentials& credentials, Settings settings)
    : credentials_(credentials), settings_(settings), clock_(credentials.loop, [this] { tick(); }) {
  clock_.repeat(HopConnection::kTick);
}

// A hop behind another one runs through a channel of that one: the far ends go first.
HopPool::~HopPool() {
  backends_.sort([](const auto& a, const auto& b) { return a.hops().size() > b.hops().size(); });
  while (!backends_.empty()) backends_.pop_front();
}

Task<BackendHops::Reached> HopPool::reach(const std::vector<access::Hop>& hops, Use use, ChannelType type) {
  return hops_to(hops).reach(use, type);
}

Task<Reachability> HopPool::measure(std::vector<access::Hop> hops) {
  Reachability found{.backend = hops.back().backend, .state = Reachability::State::unreachable};
  if (const auto end = cooling_down(hops)) {
    found.why = full_text_of(*end);
    co_return found;
  }
  const auto reached = co_await hops_to(hops).reach(Use::question, ChannelType::direct_tcpip);
  if (!reached) {
    found.why = full_text_of(reached.error());
    co_return found;
  }
  const auto round_trip = (*reached)->measure();
  const auto took = co_await *round_trip;
  if (!took) {
    found.why = took.error().text;
    co_return found;
  }
  found.last_success = unix_now();
  last_success_[found.backend] = *found.last_success;
  found.state = Reachability::State::reachable;
  found.latency = *took;
  co_return found;
}

// A backend that is left alone for a while stands in the way of all that are behind it.
std::optional<End> HopPool::cooling_down(const std::vector<access::Hop>& hops) {
  if (has(hops)) return std::nullopt;
  for (auto end = hops.begin() + 1; end <= hops.end(); ++end) {
    if (auto failure = hops_to({hops.begin(), end}).cooling_down()) return failure;
  }
  return std::nullopt;
}

bool HopPool::has(const std::vector<access::Hop>& hops) const {
  const auto found = std::ranges::find(backends_, hops, &BackendHops::hops);
  return found != backends_.end() && found->usable_now();
}

void HopPool::note_reached(std::int64_t backend) {
  direct_.insert(backend);
  last_success_[backend] = unix_now();
}

void HopPool::note_missed(std::int64_t backend) {
  direct_.insert(backend);
  last_failure_[backend] = unix_now();
}

void HopPool::forgive(std::int64_t backend) {
  for (auto& one : backends_) {
    if (one.hops().back().backend == backend) one.forgive();
  }
}

std::size_t HopPool::size() const {
  std::size_t size = 0;
  for (const auto& backend : backends_) size += backend.size();
  return size;
}

std::optional<std::int64_t> HopPool::last_success(std::int64_t backend) const {
  const auto found = last_success_.find(backend);
  return found == last_success_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<BackendView> HopPool::views() const {
  std::map<std::int64_t, BackendView> views;
  const auto view_of = [&](std::int64_t backend) -> BackendView& {
    return views.try_emplace(backend, BackendView{.backend = backend}).first->second;
  };
  for (const auto& [backend, at] : last_success_) view_of(backend).answered_at = at;
  for (const auto& [backend, at] : last_failure_) view_of(backend).failed_at = at;
  for (const auto backend : direct_) view_of(backend).is_direct = true;
  for (const auto& hops : backends_) {
    const auto backend = hops.hops().back().backend;
    view_of(backend).add(
        {.backend = backend, .hops = hops.size(), .usable = hops.usable_size(), .latency = hops.latency()});
  }
  std::vector<BackendView> all;
  for (const auto& [backend, view] : views) all.push_back(view);
  return all;
}

BackendHops& HopPool::hops_to(const std::vector<access::Hop>& hops) {
  const auto found = std::ranges::find(backends_, hops, &BackendHops::hops);
  if (found != backends_.end()) return *found;
  return backends_.emplace_back(
      credentials_.loop, hops,
      BackendHops::Means{.dial = [this, hops](Use use) { return dial(hops, use); },
                         .chance = [this] { return std::uniform_real_distribution<>{}(random_); }});
}

Task<BackendHops::Dialled> HopPool::dial(std::vector<access::Hop> hops, Use use) {
  const auto began = loop::Loop::instant();
  const auto backend = hops.back().backend;
  direct_.erase(backend);
  auto dialled = co_await dial_uncounted(std::move(hops), use);
  if (auto* const counters = credentials_.counters; counters != nullptr) {
    (dialled ? counters->dials_done : counters->dials_failed).bump();
    if (dialled) counters->dial_time.observe(loop::Loop::instant() - began);
  }
  (dialled ? last_success_ : last_failure_)[backend] = unix_now();
  co_return dialled;
}

Task<BackendHops::Dialled> HopPool::dial_uncounted(std::vector<access::Hop> hops, Use use) {
  const auto hop = std::move(hops.back());
  hops.pop_back();
  const Endpoint address{hop.host, hop.port};
  const End unreachable{Reason::backend_unreachable, hop.name, {}};
  std::expected<Reached, End> reached;
  if (hop.dials_in) {
    auto stream = co_await reach_by_link(credentials_, hop);
    if (!stream) co_return std::unexpected(stream.error());
    reached = Reached{*std::move(stream), nullptr};
  } else {
    reached = co_await upstream::reach(credentials_, *this, hops, use, address, unreachable);
  }
  if (!reached) co_return std::unexpected(reached.error());
  auto* const before = reached->hop;
  const auto peer = peer_of(hop);
  auto in = co_await log_in(credentials_, std::move(reached->stream), peer);
  if (!in) co_return std::unexpected(blame(in.error(), before));
  log::info("hop connected backend={} host={} port={} via={} said={:?}", hop.name, hop.dials_in ? "link" : hop.host,
            hop.port, hops.empty() ? "-" : hops.back().name, in->said);
  co_return std::make_unique<HopConnection>(credentials_.loop, std::move(in->session), hop.name,
                                            std::move(in->known_by), before, settings_.connection);
}

void HopPool::tick() {
  for (auto& backend : backends_) {
    backend.tick(settings_.idle_timeout);
    if (backend.answered()) last_success_[backend.hops().back().backend] = unix_now();
  }
  std::erase_if(backends_, [](const auto& backend) { return backend.forgotten(); });
}

}  // namespace bastion::upstream
