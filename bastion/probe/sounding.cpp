#include "bastion/probe/sounding.h"

#include <fmt/format.h>

#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::probe {

Sounding::Sounding(loop::Loop& loop, upstream::HopPool& hops, std::vector<access::Hop> way,
                   std::function<void(upstream::Reachability)> on_known)
    : backend_(way.back().backend),
      on_known_(std::move(on_known)),
      task_(hops.measure(std::move(way))),
      deadline_(loop, [this] {
        known({.backend = backend_,
               .state = upstream::Reachability::State::unreachable,
               .why = fmt::format("no answer within {} s", kPatience.count())});
      }) {}

void Sounding::start() {
  deadline_.start(kPatience);
  task_.start([this] { known(task_.take()); });
}

void Sounding::known(upstream::Reachability reachability) {
  deadline_.stop();
  if (on_known_) std::exchange(on_known_, nullptr)(std::move(reachability));
}

}  // namespace bastion::probe
