// Whether a backend can be reached, as a value.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/route.h"

namespace bastion::upstream {

// A backend as a worker sees it before anything is measured.
struct Prospect {
  std::int64_t backend = 0;
  // The hops that a session there passes; empty when it passes none, and then there is nothing to be measured.
  std::vector<access::Hop> way;
  bool has_hop = false;  // of this worker, and nothing is wrong with it
  std::optional<std::int64_t> last_success = std::nullopt;
};

struct Reachability {
  enum class State : std::uint8_t { reachable, unreachable, unmeasured };

  std::int64_t backend = 0;
  State state = State::unmeasured;
  std::chrono::microseconds latency{0};  // of a question to its sshd and the answer; when reachable
  std::string why = {};                  // when unreachable
  // When its sshd has last answered any worker since the bastion started: Unix seconds.
  std::optional<std::int64_t> last_success = std::nullopt;
};

}  // namespace bastion::upstream
