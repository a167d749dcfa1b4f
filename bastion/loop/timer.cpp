#include "bastion/loop/timer.h"

#include <uv.h>

#include <utility>

#include "bastion/base/contained.h"
#include "bastion/loop/close_handle.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {

struct Timer::State {
  uv_timer_t uv{};
  std::function<void()> on_time;

  static void on_uv(uv_timer_t* handle) { contained("a timer", static_cast<State*>(handle->data)->on_time); }
};

Timer::Timer(Loop& loop, std::function<void()> on_time) : state_(new State{.on_time = std::move(on_time)}) {
  uv_timer_init(loop.raw(), &state_->uv);
  state_->uv.data = state_.get();
}

Timer::~Timer() = default;

void Timer::start(std::chrono::milliseconds after) {
  uv_update_time(state_->uv.loop);  // the turn may have been long, and the while begins now
  uv_timer_start(&state_->uv, &State::on_uv, static_cast<std::uint64_t>(after.count()), 0);
}

void Timer::repeat(std::chrono::milliseconds every) {
  const auto period = static_cast<std::uint64_t>(every.count());
  uv_timer_start(&state_->uv, &State::on_uv, period, period);
}

void Timer::stop() { uv_timer_stop(&state_->uv); }

}  // namespace bastion::loop
