#include "bastion/server/fleet_membership.h"

#include <chrono>
#include <utility>

#include "bastion/base/clock.h"
#include "store/database.h"

namespace bastion::server {
namespace {

// For what is being applied of the fleet's log.
constexpr std::chrono::milliseconds kLastApplied{500};

}  // namespace

Result<std::unique_ptr<FleetMembership>> FleetMembership::begin(Place place, std::int64_t keep_seconds) {
  auto follower = fleet::follow(place.directory, std::move(place.on_applied));
  if (!follower) return std::unexpected(std::move(follower.error()));
  const auto fleet = *fleet::place_of(place.directory);
  auto database = store::Database::open(place.directory.file, store::Database::Access::read);
  if (!database) return std::unexpected(std::move(database.error()));
  std::unique_ptr<FleetMembership> membership(new FleetMembership(keep_seconds));
  membership->follower_ = *std::move(follower);
  auto* const endpoint = &membership->endpoint_.emplace(place.loop, place.here, place.directory.file);
  membership->responder_.emplace(fleet.database, fleet.node,
                                 [endpoint](const auto& question, store::fleet::Responder::Reply reply) {
                                   endpoint->take(question, std::move(reply));
                                 });
  membership->courier_.emplace(
      *std::move(database),
      store::fleet::Courier::Place{
          .conninfo = fleet.database,
          .node = fleet.node,
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

bool FleetMembership::stop_following() { return follower_->end(kLastApplied); }

}  // namespace bastion::server
