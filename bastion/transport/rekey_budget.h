// How often a peer may begin a key exchange (RFC 4253 section 9). It costs us up to 25 ms and the peer nothing, and a
// user, or whoever is root in a container, may begin one after the other. But either may have a small RekeyLimit and
// move little. Pure; times are the caller's.
#pragma once

#include <chrono>
#include <cstdint>

namespace bastion::transport {

class RekeyBudget {
 public:
  // Less than a millisecond, 4, 25.
  enum class Cost : std::uint8_t { cheap, moderate, costly };

  // Of one after which much was moved nobody says anything; of others there may be so many in that time: about half a
  // percent of a processor. The RFC recommends one after each GiB or hour.
  static constexpr int most(Cost cost) { return kBudget / price_of(cost); }
  static constexpr std::chrono::minutes kWithin{1};
  // What is much, in either direction, after a key exchange of each kind.
  static constexpr std::uint64_t kAfterCheap = 512 * 1024;
  static constexpr std::uint64_t kAfterModerate = 4 * 1024 * 1024;
  static constexpr std::uint64_t kAfterCostly = 8 * 1024 * 1024;

  // The peer begins one: whether it may. `heard` and `said` are the bytes moved so far, `last` is what the key exchange
  // before this one has cost.
  [[nodiscard]] bool take(std::uint64_t heard, std::uint64_t said, Cost last, std::chrono::milliseconds now) {
    const auto much = much_after(last);
    const bool is_earned = heard - heard_ >= much || said - said_ >= much;
    heard_ = heard;
    said_ = said;
    if (is_earned) return true;
    if (spent_ == 0 || now - since_ >= kWithin) {
      since_ = now;
      spent_ = 0;
    }
    spent_ += price_of(last);
    return spent_ <= kBudget;
  }

 private:
  static constexpr int kBudget = 1200;
  static constexpr int price_of(Cost cost) { return cost == Cost::cheap ? 1 : cost == Cost::moderate ? 12 : 100; }
  static constexpr std::uint64_t much_after(Cost cost) {
    return cost == Cost::cheap ? kAfterCheap : cost == Cost::moderate ? kAfterModerate : kAfterCostly;
  }

  std::uint64_t heard_ = 0;  // at the last one
  std::uint64_t said_ = 0;
  std::chrono::milliseconds since_{0};
  int spent_ = 0;  // since then, on those after which little was moved
};

}  // namespace bastion::transport
