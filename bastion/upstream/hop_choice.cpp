#include "bastion/upstream/hop_choice.h"

#include <algorithm>
#include <tuple>

namespace bastion::upstream {

HopChoice choose_hop(std::span<const HopLoad> hops, Dialling dialling) {
  using enum HopChoice::Then;
  if (hops.empty()) return {await_dial, {}};
  const auto serves = [](const HopLoad& load) { return !load.busy && load.channels <= kCrowd; };
  auto found = std::ranges::find_if(hops, serves);
  const bool crowded = found == hops.end();
  if (crowded) {
    found =
        std::ranges::min_element(hops, {}, [](const HopLoad& load) { return std::tuple(load.busy, load.channels); });
  }
  const auto hop = static_cast<std::size_t>(found - hops.begin());
  if (!crowded || dialling == Dialling::not_now || hops.size() >= kMostHops) return {take, hop};
  return {found->busy ? await_dial : take_and_dial, hop};
}

}  // namespace bastion::upstream
