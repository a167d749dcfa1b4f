// The rest of a process that another one has taken over from: it stays until nobody is in it any more, and before it
// leaves it tells the others what it has counted.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "bastion/admin/peer_runtime.h"
#include "bastion/loop/executor.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "bastion/loop/work.h"
#include "bastion/metrics/exposition.h"
#include "bastion/monitor/monitor.h"

namespace bastion::server {

class Retirement {
 public:
  // Everything outlives it. The loop is stopped when it is time to leave.
  struct Place {
    loop::Loop& loop;
    loop::Executor& questions;
    const std::unique_ptr<monitor::Monitor>& monitor;
    const admin::PeerRuntime& everywhere;
    std::string process_id;
    std::function<bool()> is_empty;
  };
  explicit Retirement(Place place) : place_(std::move(place)) {}

  void begin();
  [[nodiscard]] bool has_begun() const { return look_.has_value(); }

 private:
  void look();
  void tell(const metrics::Samples& samples);
  void leave_if_empty();

  Place place_;
  std::optional<loop::Timer> look_;
  int empty_looks_ = 0;                  // so often nobody was, one after the other
  std::optional<loop::Work> last_told_;  // to the others; and then it ends
};

}  // namespace bastion::server
