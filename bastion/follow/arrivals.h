// A container that its own source does not list any more may have come to another one, whose daemon knows nothing of
// the first: it was exported and imported, or moved between two that are no cluster. There it has the same name; but so
// may somebody else's. Its host key decides, which the backend is asked for. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/follow/agreement.h"
#include "bastion/follow/listing.h"
#include "store/containers.h"

namespace bastion::follow {

// One that is gone from another source, with the host keys that are known of it.
struct Missed {
  store::Container container;
  std::vector<ByteVector> host_keys;
};

// So many are asked for after one listing, whatever is in it.
inline constexpr std::size_t kMostNewcomers = 8;

// Running instances that none of `known` can be, and that have the name of one that is missed.
[[nodiscard]] std::vector<Instance> newcomers(const Reach& reach, const std::vector<Instance>& listed,
                                              const std::vector<store::Container>& known,
                                              const std::vector<Missed>& missed);

// What its backend has said of such an instance.
struct Proof {
  Instance instance;
  std::vector<ByteVector> host_keys;
  std::string why;  // there are none
};

struct Arrivals {
  std::vector<Move> moves;
  struct Unsettled {
    std::int64_t container = 0;
    std::string drift;  // why it is not followed there
  };
  std::vector<Unsettled> unsettled;
};
// A machine moves, with all accounts in it, when one instance alone has a host key of it, no other machine that is
// missed has that key too, and nobody is where it is now.
[[nodiscard]] Arrivals arrive(const Reach& reach, const std::vector<store::Container>& known,
                              const std::vector<Missed>& missed, const std::vector<Proof>& proofs);

// How what a source says of such an instance begins.
[[nodiscard]] std::string lists_one_of_that_name(const Place& source);

}  // namespace bastion::follow
