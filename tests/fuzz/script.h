// A conversation as bytes that a fuzzer can change piece by piece: steps, each one byte that says what happens, one
// that says how many bytes follow, and those bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "bastion/base/bytes.h"

namespace bastion::fuzz {

struct Step {
  std::uint8_t what = 0;
  Bytes details;

  // A number out of the details, however few there are.
  [[nodiscard]] std::size_t number(std::size_t at) const { return at < details.size() ? details[at] : 0U; }
};

class Script {
 public:
  explicit Script(Bytes bytes) : rest_(bytes) {}

  std::optional<Step> next() {
    if (rest_.size() < 2) return std::nullopt;
    const auto what = rest_[0];
    const auto size = std::min<std::size_t>(rest_[1], rest_.size() - 2);
    const auto details = rest_.subspan(2, size);
    rest_ = rest_.subspan(2 + size);
    return Step{what, details};
  }

 private:
  Bytes rest_;
};

}  // namespace bastion::fuzz
