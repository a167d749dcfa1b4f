// Counts the sessions of a thread, and what becomes of them.
#pragma once

#include <chrono>

#include "bastion/connection/traffic.h"
#include "bastion/metrics/counters.h"
#include "bastion/session/observer.h"

namespace bastion::server {

class SessionCounter final : public session::Observer {
 public:
  // `counters` outlive it.
  explicit SessionCounter(metrics::Counters& counters) : counters_(counters) {}

  void on_denied(const session::Arrival& arrival, const auth::Try& denied) override;
  void on_authenticated(const session::Arrival& arrival, const access::Identity& identity) override;
  void on_phase(const session::Arrival& arrival, session::Phase phase, std::chrono::microseconds took) override;
  void on_entered(const session::Arrival& arrival, const access::Identity& identity,
                  const access::Route& route) override;
  void on_not_led_in(const session::Arrival& arrival, const End& why) override;
  void on_end(const session::Arrival& arrival, const End& end, const Ended& what) override;

  // What those have carried that have ended. For the thread itself.
  [[nodiscard]] const connection::Traffic& carried() const { return carried_; }

 private:
  metrics::Counters& counters_;
  connection::Traffic carried_;
};

}  // namespace bastion::server
