#include "bastion/loop/timer.h"

#include <uv.h>

#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::loop {
namespace {

void on_uv_timer(uv_timer_t* handle) {
  // A copy, because the callback may destroy the timer.
  const auto on_time = *static_cast<std::function<void()>*>(handle->data);
  on_time();
}

}  // namespace

Timer::Timer(Loop& loop, std::function<void()> on_time) : uv_(new uv_timer_t), on_time_(std::move(on_time)) {
  uv_timer_init(loop.raw(), uv_.get());
  uv_->data = &on_time_;
}

Timer::~Timer() = default;

void Timer::start(std::chrono::milliseconds after) {
  uv_update_time(uv_->loop);  // the turn may have been long, and the while begins now
  uv_timer_start(uv_.get(), on_uv_timer, static_cast<std::uint64_t>(after.count()), 0);
}

void Timer::repeat(std::chrono::milliseconds every) {
  const auto period = static_cast<std::uint64_t>(every.count());
  uv_timer_start(uv_.get(), on_uv_timer, period, period);
}

void Timer::stop() { uv_timer_stop(uv_.get()); }

}  // namespace bastion::loop
