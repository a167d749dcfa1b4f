// What sessions leave in the store: their rows, and those of the audit. Written by the store's one writer thread; a
// login never waits for a disk.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bastion/base/clock.h"
#include "bastion/session/observer.h"
#include "bastion/session/row_budget.h"

namespace bastion::store {
class Writer;
}

namespace bastion::session {

class Journal final : public Observer {
 public:
  using Clock = std::int64_t (*)();  // Unix seconds

  // `server` is who serves the sessions. The writer outlives it.
  Journal(store::Writer& writer, std::string server, Clock clock = unix_now)
      : writer_(writer), server_(std::move(server)), now_(clock) {}

  void on_authenticated(const Arrival& arrival, const access::Identity& identity) override;
  void on_led(const Arrival& arrival, const std::string& where, const std::vector<access::Hop>& hops) override;
  void on_entered(const Arrival& arrival, const access::Identity& identity, const access::Route& route) override;
  void on_left_without(const Arrival& arrival, const access::Identity& identity, const std::string& container,
                       const End& why) override;
  void on_container_lost(const Arrival& arrival, const access::Identity& identity, const access::Route& route,
                         const End& why) override;
  void on_tunnel(const Arrival& arrival, const access::Identity& identity, const std::string& where) override;
  void on_refused_admin(const Arrival& arrival, const access::Identity& identity) override;
  void on_end(const Arrival& arrival, const End& end, const Ended& what) override;

 private:
  void denied(const Arrival& arrival, const auth::Tried& tried, const End& end);
  void audit(const Arrival& arrival, const access::Identity& identity, std::string action, std::string subject,
             std::string outcome, std::string detail = {});

  store::Writer& writer_;
  std::string server_;
  Clock now_;
  RowBudget strangers_;
};

}  // namespace bastion::session
