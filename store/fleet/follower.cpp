#include "store/fleet/follower.h"

#include <cerrno>
#include <cstring>
#include <tuple>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"

namespace bastion::store::fleet {

Follower::Follower(Database database, ChangeLog log, std::string node, OnApplied on_applied, Snapshots::Limits limits,
                   std::chrono::milliseconds cut_every)
    : database_(std::move(database)),
      trimmer_({.file = database_.file(), .log = log.another(), .node = node, .limits = limits, .every = cut_every},
               ending_),
      replica_(std::move(log), std::move(node)),
      on_applied_(std::move(on_applied)) {
  database_.hurry_when(ending_);
  replica_.hurry_when(ending_);
}

bool Follower::end(std::chrono::milliseconds within) {
  ending_ = true;
  interrupted_.call();
  return !thread_.joinable() || ended_.wait_for(within) == std::future_status::ready;
}

Follower::~Follower() {
  std::ignore = end(std::chrono::milliseconds::zero());
  if (thread_.joinable()) thread_.join();
}

Result<> Follower::start() {
  if (interrupted_.descriptor() < 0) return fail("cannot follow the fleet's log: {}", std::strerror(errno));
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(thread.error());
  thread_ = *std::move(thread);
  return {};
}

void Follower::run() {
  while (!ending_) {
    bool has_waited = false;
    contained("following the fleet's log", [&] { has_waited = follow(); });
    if (!has_waited) interrupted_.wait(kEvery);
  }
  over_.set_value();
}

bool Follower::follow() {
  const auto caught = replica_.catch_up(database_);
  if (const auto position = Replica::position_of(database_)) {
    if (number_.exchange(position->number) != position->number) on_applied_();
  }
  standing_ = replica_.standing();
  if (!caught && std::exchange(told_, replica_.standing()) != replica_.standing()) {
    log::error("the fleet's log is not followed entry={} detail={:?}", number_.load(), caught.error().text);
  }
  if (caught && std::exchange(told_, Standing::current) != Standing::current) {
    log::info("the fleet's log is followed again entry={}", number_.load());
  }
  if (!caught) return false;
  keep_up();
  return replica_.wait_for_news(kEvery, interrupted_.descriptor()).has_value();
}

void Follower::keep_up() {
  if (!has_rows_) {
    const auto done = replica_.bring_rows_up_to_date(database_, migrations());
    has_rows_ = done.has_value();
    if (!done) log::error("rows of an older program stay as they are for now detail={:?}", done.error().text);
  }
  trimmer_.look(number_);
}

}  // namespace bastion::store::fleet
