#include "bastion/login/hop_pool.h"

#include <algorithm>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/login/chain.h"
#include "bastion/loop/loop.h"

namespace bastion::login {

HopPool::HopPool(const Credentials& credentials, Settings settings)
    : credentials_(credentials), settings_(settings), every_second_(credentials.loop, [this] { tick(); }) {
  every_second_.repeat(std::chrono::seconds{1});
}

// A hop behind another one runs through a channel of that one: the far ends go first.
HopPool::~HopPool() {
  backends_.sort([](const auto& a, const auto& b) { return a.hops().size() > b.hops().size(); });
  while (!backends_.empty()) backends_.pop_front();
}

Task<BackendHops::Reached> HopPool::reach(std::vector<Hop> hops) { return hops_to(hops).reach(); }

BackendHops& HopPool::hops_to(const std::vector<Hop>& hops) {
  const auto found = std::ranges::find(backends_, hops, &BackendHops::hops);
  if (found != backends_.end()) return *found;
  return backends_.emplace_back(
      credentials_.loop, hops,
      BackendHops::Means{.dial = [this, hops] { return dial(hops); },
                         .chance = [this] { return std::uniform_real_distribution<>{}(random_); }});
}

Task<BackendHops::Dialled> HopPool::dial(std::vector<Hop> hops) {
  const auto hop = std::move(hops.back());
  hops.pop_back();
  const Endpoint address{hop.host, hop.port};
  const End unreachable{Reason::backend_unreachable, hop.name, {}};
  auto reached = co_await login::reach(credentials_, *this, hops, address, unreachable);
  if (!reached) co_return std::unexpected(reached.error());
  auto* const before = reached->hop;
  const auto peer = peer_of(hop);
  auto session = co_await log_in(credentials_, std::move(reached->wire), peer);
  if (!session && before != nullptr && before->lost()) {
    co_return std::unexpected(End{Reason::backend_unreachable, before->lost_at(), session.error().detail});
  }
  if (!session) co_return std::unexpected(session.error());
  log::info("hop connected backend={} host={} port={} via={}", hop.name, hop.host, hop.port,
            hops.empty() ? "-" : hops.back().name);
  co_return std::make_unique<HopConnection>(credentials_.loop, *std::move(session), hop.name, before,
                                            settings_.connection);
}

void HopPool::tick() {
  for (auto& backend : backends_) backend.tick(settings_.idle_timeout);
  std::erase_if(backends_, [](const auto& backend) { return backend.forgotten(); });
}

}  // namespace bastion::login
