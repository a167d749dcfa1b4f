#include "store/fleet/trimmer.h"

#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"
#include "store/database.h"
#include "store/fleet/replica.h"

namespace bastion::store::fleet {
namespace {

Result<> keep_short(const Trimmer::Place& place, const std::atomic<bool>& ending) {
  auto database = Database::open(place.file, Database::Access::go_on);
  if (!database) return std::unexpected(std::move(database.error()));
  Replica replica(place.log.another(), place.node);
  replica.hurry_when(ending);
  return replica.keep_log_short(*database, place.limits);
}

}  // namespace

Trimmer::Trimmer(Place place, const std::atomic<bool>& ending)
    : place_(std::move(place)), ending_(ending), looked_at_(std::chrono::steady_clock::now() - place_.every) {}

Trimmer::~Trimmer() {
  if (thread_.joinable()) thread_.join();
}

void Trimmer::look(std::int64_t number) {
  const auto now = std::chrono::steady_clock::now();
  if (is_at_it_ || number == looked_number_ || now - looked_at_ < place_.every) return;
  if (thread_.joinable()) thread_.join();  // it has nothing left to do
  looked_at_ = now;
  looked_number_ = number;
  is_at_it_ = true;
  auto thread = start_thread([this] { trim(); });
  if (thread) {
    thread_ = *std::move(thread);
    return;
  }
  is_at_it_ = false;
  log::error("the fleet's log is not cut detail={:?}", thread.error().text);
}

void Trimmer::trim() {
  contained("cutting the fleet's log", [this] {
    const auto kept = keep_short(place_, ending_);
    if (!kept && !ending_) log::error("the fleet's log is not cut detail={:?}", kept.error().text);
  });
  is_at_it_ = false;
}

}  // namespace bastion::store::fleet
