// Whether something may be started now: one attempt at a time for each thing, and after one that has failed none for a
// while, twice as long after each in a row. Pure: time is an argument.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "bastion/base/reason.h"
#include "bastion/wake/wanted.h"

namespace bastion::wake {

class Attempts {
 public:
  struct Settings {
    std::chrono::milliseconds first{15'000};
    std::chrono::milliseconds longest{240'000};
  };
  struct Thing {
    Wanted::Kind kind = Wanted::Kind::container;
    std::int64_t id = 0;

    auto operator<=>(const Thing&) const = default;
  };
  enum class Then : std::uint8_t {
    start,  // from now on it is under way, until over()
    join,   // it is under way
    leave,  // the last one has failed a short while ago: failure()
  };

  Attempts() = default;
  explicit Attempts(Settings settings) : settings_(settings) {}

  [[nodiscard]] Then ask(const Thing& thing, std::chrono::milliseconds now);
  // How the attempt that was under way has ended.
  void over(const Thing& thing, std::optional<End> failure, std::chrono::milliseconds now);
  // What the last one came to, while nobody is to try again.
  [[nodiscard]] const End& failure(const Thing& thing) const { return *things_.at(thing).failure; }

  // What is remembered: what is under way, and failures as long as they count.
  [[nodiscard]] std::size_t size() const { return things_.size(); }

 private:
  struct State {
    bool under_way = false;
    int failures = 0;  // in a row
    std::chrono::milliseconds until{0};
    std::optional<End> failure = std::nullopt;  // the last one
  };

  void forget(std::chrono::milliseconds now);

  Settings settings_;
  std::map<Thing, State> things_;
};

}  // namespace bastion::wake
