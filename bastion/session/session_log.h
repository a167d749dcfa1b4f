// The lines of the log that every session has.
#pragma once

#include "bastion/session/observer.h"

namespace bastion::session {

class SessionLog final : public Observer {
 public:
  void on_begin(const Arrival& arrival) override;
  void on_end(const Arrival& arrival, const End& end, const Ended& what) override;
};

}  // namespace bastion::session
