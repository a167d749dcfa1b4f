// Whether a backend can be reached, as a value.
#pragma once

#include <chrono>
#include <cstddef>
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

// A backend as what is there of its hops shows it, or, where it is no hop, as logins have found what is behind it:
// nothing is asked for that.
struct BackendView {
  enum class State : std::uint8_t {
    unknown,  // there is no hop; nobody has gone there
    idle,     // there is no hop any more; it answered when somebody went there last
    up,       // so was the last login
    suspect,  // there are hops, none of which answers as it should; the last login has found nobody, and others had
    down,     // there is no hop, and the last dial has failed; no login has found anybody
  };

  std::int64_t backend = 0;
  std::size_t hops = 0;
  std::size_t usable = 0;                                           // of them, with which nothing is wrong
  std::optional<std::chrono::microseconds> latency = std::nullopt;  // when a hop was last asked for a sign of life
  // When it has last answered, and when a dial has last failed: Unix seconds.
  std::optional<std::int64_t> answered_at = std::nullopt;
  std::optional<std::int64_t> failed_at = std::nullopt;
  bool is_direct = false;  // those are of logins to what is behind it

  [[nodiscard]] State state() const;
  // With what another worker, or another bastion, sees of the same backend.
  void add(const BackendView& other);

  bool operator==(const BackendView&) const = default;
};

struct Reachability {
  enum class State : std::uint8_t { reachable, unreachable, unmeasured };

  std::int64_t backend = 0;
  State state = State::unmeasured;
  std::chrono::microseconds latency{0};  // of a question to its sshd and the answer; when reachable
  std::string why = {};                  // when unreachable
  // When its sshd has last answered any worker since the bastion started, or where it is no hop what is behind it: Unix
  // seconds.
  std::optional<std::int64_t> last_success = std::nullopt;
};

}  // namespace bastion::upstream
