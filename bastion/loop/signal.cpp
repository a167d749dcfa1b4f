#include "bastion/loop/signal.h"

#include <uv.h>

#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::loop {

Signal::Signal(Loop& loop, int number, std::function<void()> on_signal)
    : uv_(new uv_signal_t), on_signal_(std::move(on_signal)) {
  uv_signal_init(loop.raw(), uv_.get());
  uv_->data = &on_signal_;
  uv_signal_start(
      uv_.get(), [](uv_signal_t* handle, int /*number*/) { (*static_cast<std::function<void()>*>(handle->data))(); },
      number);
}

Signal::~Signal() = default;

}  // namespace bastion::loop
