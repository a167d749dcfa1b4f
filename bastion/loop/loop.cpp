#include "bastion/loop/loop.h"

#include <uv.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/loop/close_handle.h"

namespace bastion::loop {
namespace {

constexpr std::size_t kScratch = 128 * 1024;

}  // namespace

void Loop::CloseLoop::operator()(uv_loop_s* loop) const {
  while (uv_run(loop, UV_RUN_NOWAIT) != 0) {
  }
  if (uv_loop_close(loop) != 0) std::abort();  // a handle outlived its loop: an owner is missing
  delete loop;
}

struct Loop::Before {
  uv_prepare_t uv{};
};

struct Loop::Wake {
  uv_async_t uv{};
};

struct Loop::Bulk {
  uv_idle_t uv{};
};

Loop::Loop() : scratch_(kScratch) {
  auto* const uv = new uv_loop_t;
  if (uv_loop_init(uv) != 0) std::abort();
  uv_.reset(uv);
  before_waiting_.reset(new Before);
  uv_prepare_init(uv, &before_waiting_->uv);
  before_waiting_->uv.data = this;
  uv_prepare_start(&before_waiting_->uv, [](uv_prepare_t* handle) {
    contained("the end of a turn", [loop = static_cast<Loop*>(handle->data)] { loop->end_turn(); });
  });
  bulk_turn_.reset(new Bulk);
  uv_idle_init(uv, &bulk_turn_->uv);
  bulk_turn_->uv.data = this;
  wake_.reset(new Wake);
  uv_async_init(uv, &wake_->uv, [](uv_async_t* handle) { static_cast<Loop*>(handle->data)->run_posted(); });
  wake_->uv.data = this;
}

Loop::~Loop() { end_turn(); }

void Loop::run() {
  uv_run(uv_.get(), UV_RUN_DEFAULT);
  end_turn();
}

void Loop::stop() { uv_stop(uv_.get()); }

std::chrono::milliseconds Loop::now() const { return std::chrono::milliseconds{uv_now(uv_.get())}; }

std::chrono::microseconds Loop::instant() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::nanoseconds(uv_hrtime()));
}

void Loop::post(std::move_only_function<void()> function) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(function));
  }
  uv_async_send(&wake_->uv);
}

void Loop::run_posted() {
  std::vector<std::move_only_function<void()>> batch;
  {
    const std::lock_guard lock(posted_mutex_);
    batch.swap(posted_);
  }
  for (auto& function : batch) contained("something posted", function);
}

void Loop::want_turn_end(TurnEnd& who) {
  if (std::ranges::find(turn_end_, &who) == turn_end_.end()) turn_end_.push_back(&who);
}

void Loop::forget_turn_end(TurnEnd& who) { std::erase(turn_end_, &who); }

void Loop::want_bulk_turn(BulkReader& who) {
  if (std::exchange(who.waits_for_turn_, true)) return;
  if (bulk_.empty()) {
    uv_idle_start(&bulk_turn_->uv, [](uv_idle_t* handle) { static_cast<Loop*>(handle->data)->take_bulk_turn(); });
  }
  bulk_.push_back(&who);
}

void Loop::forget_bulk_turn(BulkReader& who) {
  if (!std::exchange(who.waits_for_turn_, false)) return;
  std::erase(bulk_, &who);
  if (bulk_.empty()) uv_idle_stop(&bulk_turn_->uv);
}

void Loop::take_bulk_turn() {
  auto* const who = bulk_.front();
  bulk_.pop_front();
  who->waits_for_turn_ = false;
  if (bulk_.empty()) uv_idle_stop(&bulk_turn_->uv);
  who->at_bulk_turn();
}

// Runs before the loop waits. One end of turn may ask for another: a stream that drained lets its feeder go on.
void Loop::end_turn() {
  while (!turn_end_.empty() || !deferred_.empty()) {
    while (!turn_end_.empty()) {
      auto* const who = turn_end_.back();
      turn_end_.pop_back();
      who->at_turn_end();
    }
    std::exchange(deferred_, {}).clear();
  }
}

}  // namespace bastion::loop
