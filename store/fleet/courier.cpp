#include "store/fleet/courier.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/log.h"
#include "bastion/base/thread.h"
#include "store/fleet/replica.h"

namespace bastion::store::fleet {

Courier::Courier(Database database, Place place)
    : database_(std::move(database)),
      place_(std::move(place)),
      nodes_(place_.conninfo, kPatience),
      records_(place_.conninfo, kPatience),
      messages_(place_.conninfo, place_.node, kPatience) {
  nodes_.give_up_when(ended_.descriptor());
  records_.give_up_when(ended_.descriptor());
  messages_.give_up_when(ended_.descriptor());
}

void Courier::stop() {
  ending_ = true;
  ended_.call();
}

Courier::~Courier() {
  stop();
  if (thread_.joinable()) thread_.join();
}

Result<> Courier::start() {
  if (ended_.descriptor() < 0) return fail("nothing can be carried to the fleet: {}", std::strerror(errno));
  auto thread = start_thread([this] { run(); });
  if (!thread) return std::unexpected(thread.error());
  thread_ = *std::move(thread);
  return {};
}

void Courier::run() {
  while (!ending_) {
    contained("the fleet's records", [this] {
      const auto gone = go();
      if (!ending_) tell(gone);
    });
    ended_.wait(kEvery);
  }
}

Result<> Courier::go() {
  if (!is_prepared_) {
    if (auto made = nodes_.prepare(); !made) return made;
    is_prepared_ = true;
  }
  const auto position = Replica::position_of(database_);
  if (!position) return std::unexpected(position.error());
  const auto schema = database_.version();
  if (!schema) return std::unexpected(schema.error());
  const auto standing = nodes_.beat(place_.node, {.version = place_.version,
                                                  .schema = *schema,
                                                  .number = position->number,
                                                  .sessions = place_.sessions(),
                                                  .since = place_.since});
  if (!standing) return std::unexpected(standing.error());
  is_removed_ = *standing == Nodes::Standing::removed;
  if (is_removed_) return {};
  if (auto carried = carry(); !carried) return carried;
  return forget();
}

// A little at a time: between two batches others are told that this bastion is there.
Result<> Courier::carry() {
  const auto until = std::chrono::steady_clock::now() + kEvery;
  while (!ending_ && std::chrono::steady_clock::now() < until) {
    const auto left = records_.carry(database_, place_.node);
    if (!left) return std::unexpected(left.error());
    if (*left == Records::Left::nothing) return {};
  }
  return {};
}

Result<> Courier::forget() {
  const auto now = std::chrono::steady_clock::now();
  if (now < forget_at_) return {};
  forget_at_ = now + kForget;
  if (auto gone = messages_.forget_old(); !gone) return gone;
  const auto before = place_.keep_since();
  if (before <= 0) return {};
  const auto left = records_.forget(place_.node, before);
  if (!left) return std::unexpected(left.error());
  if (*left == Records::Left::more) forget_at_ = now;
  return {};
}

void Courier::tell(const Result<>& gone) {
  if (!gone && !std::exchange(was_away_, true)) {
    log::error("the fleet hears nothing of this bastion node={} detail={:?}", place_.node, gone.error().text);
  }
  if (gone && std::exchange(was_away_, false)) log::info("the fleet hears of this bastion again node={}", place_.node);
  if (!gone || !is_removed_) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < say_again_at_) return;
  say_again_at_ = now + kSayAgain;
  log::error("this bastion was removed from the fleet: it serves what it has, and nothing can be changed here node={}",
             place_.node);
}

}  // namespace bastion::store::fleet
