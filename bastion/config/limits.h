// Limits on strangers, as values of the configuration. The names are those of sshd_config(5).
#pragma once

#include <chrono>
#include <cstdint>

namespace bastion::config {

// MaxStartups: from `start` connections that have not authenticated, one more is refused with a chance of `rate`
// percent, which grows to certainty at `full`.
struct MaxStartups {
  int start = 100;
  int rate = 30;
  int full = 200;

  bool operator==(const MaxStartups&) const = default;
};

// PerSourceNetBlockSize: how many bits of an address are one source.
struct SourceBlock {
  int ipv4 = 32;
  int ipv6 = 64;

  bool operator==(const SourceBlock&) const = default;
};

// PerSourcePenalties: how long a source is refused for what came from it. The times add up and pass.
struct PenaltyRules {
  // What is done with one more source when as many as there may be have a penalty.
  enum class Overflow : std::uint8_t {
    permissive,  // the one that would be over first has none any more
    deny_all,    // nobody without a penalty comes in either
  };

  bool enabled = true;
  std::chrono::seconds crash{90};
  std::chrono::seconds authfail{5};
  std::chrono::seconds invaliduser{5};
  std::chrono::seconds max_auth_tries{10};
  std::chrono::seconds noauth{1};
  std::chrono::seconds grace_exceeded{10};
  std::chrono::seconds min{15};   // nobody is refused for less
  std::chrono::seconds max{600};  // nor for longer
  int max_sources = 65'536;       // IPv4 and IPv6 each
  Overflow overflow = Overflow::permissive;

  bool operator==(const PenaltyRules&) const = default;
};

}  // namespace bastion::config
