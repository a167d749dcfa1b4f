#include "bastion/probe/health_check.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::probe {

HealthCheck::HealthCheck(loop::Loop& loop, upstream::HopPool& hops, std::vector<access::Hop> way,
                         std::function<void(upstream::Reachability)> on_known)
    : backend_(way.back().backend),
      on_known_(std::move(on_known)),
      task_(hops.measure(std::move(way))),
      deadline_(loop, [this] {
        known({.backend = backend_,
               .state = upstream::Reachability::State::unreachable,
               .why = fmt::format("no answer within {} s", kTimeout.count())});
      }) {}

void HealthCheck::start() {
  deadline_.start(kTimeout);
  task_.start([this] { known(task_.take()); });
}

void HealthCheck::known(upstream::Reachability reachability) {
  deadline_.stop();
  if (on_known_) std::exchange(on_known_, nullptr)(std::move(reachability));
}

}  // namespace bastion::probe
