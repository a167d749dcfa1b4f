#include "bastion/upstream/hop_choice.h"

#include <algorithm>
#include <tuple>

namespace bastion::upstream {
namespace {

bool fits(const HopLoad& load, Use use) { return !load.use || load.use == use; }

bool is_crowded(const HopLoad& load, Use use) {
  return load.channels > (load.far && use == Use::anything ? 0 : kCrowd);
}

}  // namespace

HopChoice choose_hop(std::span<const HopLoad> hops, Use use, Dialling dialling) {
  using enum HopChoice::Then;
  if (hops.empty()) return {await_dial, {}};
  const auto index = [&](auto found) { return static_cast<std::size_t>(found - hops.begin()); };
  const auto fitting = [use](const HopLoad& load) { return fits(load, use); };
  const auto serves = [use](const HopLoad& load) { return fits(load, use) && !load.busy && !is_crowded(load, use); };
  if (const auto found = std::ranges::find_if(hops, serves); found != hops.end()) return {take, index(found)};

  const auto best = std::ranges::min_element(
      hops, {}, [use](const HopLoad& load) { return std::tuple(load.busy, !fits(load, use), load.channels); });
  if (use == Use::question) return {take, index(best)};
  const bool all_there = std::ranges::count_if(hops, fitting) >= std::ptrdiff_t{kMostHops};
  if (dialling == Dialling::not_now || all_there) return {take, index(best)};
  const bool better_alone = best->busy || best->far || !fits(*best, use);
  return {better_alone ? await_dial : take_and_dial, index(best)};
}

bool wants_spare(std::span<const HopLoad> hops) {
  const auto has_one = [](const HopLoad& load) { return !load.use; };
  const auto calls_for_one = [](const HopLoad& load) { return load.far && load.use == Use::anything; };
  return std::ranges::any_of(hops, calls_for_one) && std::ranges::none_of(hops, has_one) &&
         std::ranges::count(hops, Use::anything, &HopLoad::use) < std::ptrdiff_t{kMostHops};
}

}  // namespace bastion::upstream
