#include "bastion/server/fleet_membership.h"

#include <utility>

#include "bastion/base/clock.h"
#include "store/database.h"

namespace bastion::server {

Result<std::unique_ptr<FleetMembership>> FleetMembership::begin(Place place, std::int64_t keep_seconds) {
  auto database = store::Database::open(place.database, store::Database::Access::read);
  if (!database) return std::unexpected(std::move(database.error()));
  std::unique_ptr<FleetMembership> membership(new FleetMembership(keep_seconds));
  auto* const endpoint = &membership->endpoint_.emplace(place.loop, place.here, place.database);
  membership->responder_.emplace(place.fleet.database, place.fleet.node,
                                 [endpoint](const auto& question, store::fleet::Responder::Reply reply) {
                                   endpoint->take(question, std::move(reply));
                                 });
  membership->courier_.emplace(
      *std::move(database),
      store::fleet::Courier::Place{
          .conninfo = place.fleet.database,
          .node = place.fleet.node,
          .version = BASTION_VERSION,
          .since = unix_now(),
          .sessions = [sessions = std::move(place.sessions)] { return static_cast<std::int64_t>(sessions()); },
          .keep_since = [&kept = membership->keep_seconds_]() -> std::int64_t {
            const auto seconds = kept.load();
            return seconds > 0 ? unix_now() - seconds : 0;
          }});
  if (auto started = membership->responder_->start(); !started) return std::unexpected(std::move(started.error()));
  if (auto started = membership->courier_->start(); !started) return std::unexpected(std::move(started.error()));
  return membership;
}

void FleetMembership::end() {
  responder_->stop();
  courier_->stop();
}

}  // namespace bastion::server
