// The lines of the log that every session has. What a stranger has sent stands in them as log_value() has it, behind
// the address it came from: packaging/fail2ban reads them.
#pragma once

#include <string>
#include <string_view>

#include "bastion/session/observer.h"

namespace bastion::session {

// Why a stranger has left, which may be in the stranger's words: word by word as log_value() has it, so that nothing in
// it looks like another `key=value`.
[[nodiscard]] std::string detail_of_stranger(std::string_view detail);

class SessionLog final : public Observer {
 public:
  void on_begin(const Arrival& arrival) override;
  void on_denied(const Arrival& arrival, const auth::Try& denied) override;
  void on_authenticated(const Arrival& arrival, const access::Identity& identity) override;
  void on_entered(const Arrival& arrival, const access::Identity& identity, const access::Route& route) override;
  void on_left_without(const Arrival& arrival, const access::Identity& identity, const std::string& container,
                       const End& why) override;
  void on_container_lost(const Arrival& arrival, const access::Identity& identity, const access::Route& route,
                         const End& why) override;
  void on_tunnel(const Arrival& arrival, const access::Identity& identity, const std::string& where) override;
  void on_end(const Arrival& arrival, const End& end, const Ended& what) override;
};

}  // namespace bastion::session
