// Counts the sessions of a worker.
#pragma once

#include "bastion/metrics/counters.h"
#include "bastion/session/observer.h"

namespace bastion::server {

class SessionCounter final : public session::Observer {
 public:
  // `counters` outlive it.
  explicit SessionCounter(metrics::Counters& counters) : counters_(counters) {}

  void on_authenticated(const session::Arrival& /*arrival*/, const access::Identity& /*identity*/) override {
    counters_.authenticated.bump();
  }
  void on_end(const session::Arrival& /*arrival*/, const End& /*end*/, const Ended& /*what*/) override {
    counters_.ended.bump();
  }

 private:
  metrics::Counters& counters_;
};

}  // namespace bastion::server
