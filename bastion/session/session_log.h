// The lines of the log that every session has. What a stranger has sent stands in them as log_value() has it, behind
// the address it came from: packaging/fail2ban reads them.
#pragma once

#include "bastion/session/observer.h"

namespace bastion::session {

class SessionLog final : public Observer {
 public:
  void on_begin(const Arrival& arrival) override;
  void on_denied(const Arrival& arrival, const auth::Try& denied) override;
  void on_authenticated(const Arrival& arrival, const access::Identity& identity) override;
  void on_entered(const Arrival& arrival, const access::Identity& identity, const access::Route& route) override;
  void on_left_without(const Arrival& arrival, const access::Identity& identity, const std::string& container,
                       const End& why) override;
  void on_tunnel(const Arrival& arrival, const access::Identity& identity, const std::string& where) override;
  void on_end(const Arrival& arrival, const End& end, const Ended& what) override;
};

}  // namespace bastion::session
