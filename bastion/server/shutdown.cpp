#include "bastion/server/shutdown.h"

#include "bastion/base/log.h"

namespace bastion::server {

Shutdown::Shutdown(const Place& place)
    : place_(place),
      retirement_({.loop = place.loop,
                   .questions = place.executors.questions(),
                   .monitor = place.monitor,
                   .everywhere = place.everywhere,
                   .process_id = place.process_id,
                   .is_empty = [this] { return is_empty(); }}),
      last_arrivals_({.loop = place.loop, .is_empty = [this] { return place_.intake.is_empty(); }}) {}

// The file may have changed for those who stay, too.
void Shutdown::retire() {
  if (is_retired()) return;
  log::info("another process serves: sessions stay here sessions={}", place_.caps.sessions());
  place_.intake.end();
  place_.monitor->leave_address();
  place_.sessions_elsewhere.end();
  place_.source_follower.end();
  if (place_.membership) place_.membership->end();
  place_.entrance.write();
  place_.reload.ask();
  retirement_.begin();
}

// A balancer has chosen this one for whoever has come before, and does not choose again.
void Shutdown::begin() {
  if (last_arrivals_.has_begun()) return;
  if (place_.monitor) place_.monitor->drain();
  place_.intake.end_with_rest();
  last_arrivals_.await(place_.config.drain_timeout);
}

// A session is counted before the stranger it was is not any more.
bool Shutdown::is_empty() const {
  return place_.intake.is_empty() && place_.caps.sessions() == 0 && !place_.logins.has_links() &&
         !place_.endpoints.is_busy() && !place_.executors.errands().is_busy();
}

}  // namespace bastion::server
