// Asks a backend whose host keys its newcomers have (bastion/follow/arrivals.h), one after the other, by
// `bastion-instances` there. On the loop of whoever asks.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/grammar/runtime.h"
#include "bastion/base/result.h"
#include "bastion/follow/arrivals.h"
#include "bastion/probe/order.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::server {

class Workers;

class Newcomers {
 public:
  using OnProofs = std::function<void(std::vector<follow::Proof>)>;

  // All of it outlives this. `on_proofs` is called once, unless this is destroyed before; it may defer_delete() this.
  Newcomers(loop::Loop& loop, Workers& workers, std::string backend, std::vector<follow::Instance> newcomers,
            OnProofs on_proofs)
      : loop_(loop),
        workers_(workers),
        backend_(std::move(backend)),
        newcomers_(std::move(newcomers)),
        on_proofs_(std::move(on_proofs)) {}
  Newcomers(const Newcomers&) = delete;
  Newcomers& operator=(const Newcomers&) = delete;

  void start() { ask_next(); }

 private:
  void ask_next();
  void take(const follow::Instance& instance, const Result<probe::Ordered>& ordered);

  loop::Loop& loop_;
  Workers& workers_;
  std::string backend_;
  std::vector<follow::Instance> newcomers_;
  OnProofs on_proofs_;
  std::vector<follow::Proof> proofs_;
  std::unique_ptr<admin::Runtime::Question> question_;
};

// The lines that `bastion-instances host-key` has printed, or why there are none.
[[nodiscard]] follow::Proof proof_of(follow::Instance instance, const Result<probe::Ordered>& ordered);

// Whether it can be asked for there: the words come from a daemon, and nothing but these characters goes to a backend.
[[nodiscard]] bool may_be_asked_for(const follow::Instance& instance);

}  // namespace bastion::server
