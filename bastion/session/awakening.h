// What a login finds silent on its way and may be started: she waits for it, and reads that she does.
#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <string>

#include "bastion/access/route.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/upstream/hop_pool.h"
#include "bastion/wake/alarm.h"
#include "bastion/wake/wanted.h"

namespace bastion::store {
class Wakes;
}

namespace bastion::session {

// All of it outlives the tasks, and so does the Awakening.
struct Awakening {
  using In = std::expected<void, End>;

  loop::Loop& loop;
  upstream::HopPool& hops;
  store::Wakes& wakes;
  wake::Alarm* alarm;  // nullptr: nothing is started
  const access::Route& route;
  wake::Asker asker;
  std::function<void(const std::string& line)> say;

  // Goes in, and where something sleeps again when it does not any more. Each thing is started once at most.
  [[nodiscard]] Task<In> enter(std::function<Task<In>()> go_in) const;
  // Of a session that ends so: where its backend is lost and may be started, that is begun, and nobody waits for it.
  // The end that it is then.
  [[nodiscard]] End start_again(End end) const;

 private:
  [[nodiscard]] std::optional<wake::Wanted> sleeper(const End& end) const;
  [[nodiscard]] Task<In> wake(wake::Wanted wanted) const;
};

}  // namespace bastion::session
