// Whether a key that a program has printed (auth/external_keys.h) is printed still: asked again and again, as long as a
// session lasts that was begun with it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bastion/access/identity.h"
#include "bastion/access/printed_keys.h"
#include "bastion/auth/external_keys.h"
#include "bastion/base/task.h"
#include "bastion/loop/timer.h"

namespace bastion::session {

class StillPrinted {
 public:
  struct Place {
    loop::Loop& loop;
    auth::ExternalKeys& keys;
    std::chrono::seconds every;
    std::function<void()> on_gone;  // one is not, or with other options; at most once
  };
  using Lines = std::vector<std::shared_ptr<const access::Printed>>;

  StillPrinted(Place place, std::string user, Lines lines);

 private:
  void begin();
  [[nodiscard]] Task<bool> are_all_there();

  Place place_;
  std::string user_;
  Lines lines_;
  loop::Timer timer_;
  Task<bool> asking_;
};

// What somebody has shown that was printed; nothing of what the directory has.
[[nodiscard]] StillPrinted::Lines printed_of(const access::Identity& who);

}  // namespace bastion::session
