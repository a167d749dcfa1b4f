// What a backend is told to do with what it runs: a command of `bastion-instances` (packaging/backend), which the
// bastion itself has executed there, beside the commands that lead to containers.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "bastion/base/result.h"
#include "bastion/base/task.h"

namespace bastion::store {
class Backends;
}
namespace bastion::upstream {
struct Credentials;
class HopPool;
}  // namespace bastion::upstream

namespace bastion::probe {

struct Order {
  std::string backend;
  std::string words;  // whatever reads them there, they mean nothing to a shell
  std::chrono::seconds within{};
};

// How it has ended, whatever that was.
struct Ordered {
  std::uint32_t status = 0;
  std::string out;
  std::string complaint;  // the line of what it has said that tells most; not printable text
};

// Over a hop of the pool, once: what changes something is not done twice because somebody said no. The error is for an
// administrator: nobody can say whether it was done.
[[nodiscard]] Task<Result<Ordered>> carry_out(const upstream::Credentials& credentials, upstream::HopPool& hops,
                                              store::Backends& backends, Order order);

}  // namespace bastion::probe
