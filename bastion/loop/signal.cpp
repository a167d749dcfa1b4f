#include "bastion/loop/signal.h"

#include <uv.h>

#include <utility>

#include "bastion/loop/close_handle.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {

struct Signal::State {
  uv_signal_t uv{};
  std::function<void()> on_signal;

  static void on_uv(uv_signal_t* handle, int /*number*/) { static_cast<State*>(handle->data)->on_signal(); }
};

Signal::Signal(Loop& loop, int number, std::function<void()> on_signal)
    : state_(new State{.on_signal = std::move(on_signal)}) {
  uv_signal_init(loop.raw(), &state_->uv);
  state_->uv.data = state_.get();
  uv_signal_start(&state_->uv, &State::on_uv, number);
}

Signal::~Signal() = default;

}  // namespace bastion::loop
