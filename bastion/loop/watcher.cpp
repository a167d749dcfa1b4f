#include "bastion/loop/watcher.h"

#include <uv.h>

#include <cstdlib>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/loop/close_handle.h"
#include "bastion/loop/loop.h"

namespace bastion::loop {

static_assert(unsigned{Watcher::readable} == unsigned{UV_READABLE} &&
              unsigned{Watcher::writable} == unsigned{UV_WRITABLE});

struct Watcher::State {
  uv_poll_t uv{};
  std::function<void(unsigned)> on_ready;
  unsigned watched = none;

  static void on_uv(uv_poll_t* handle, int status, int events) {
    const auto* const state = static_cast<State*>(handle->data);
    // An error shows at a read or a write, which is where it can be told, and maybe not at the next one: what had
    // arrived before comes first. libuv has stopped to watch.
    if (status < 0) uv_poll_start(handle, static_cast<int>(state->watched), &on_uv);
    const auto readiness = status < 0 ? state->watched : static_cast<unsigned>(events);
    contained("a watcher", [&] { state->on_ready(readiness); });
  }
};

Watcher::Watcher(Loop& loop, int fd, std::function<void(unsigned)> on_ready)
    : state_(new State{.on_ready = std::move(on_ready)}) {
  if (uv_poll_init(loop.raw(), &state_->uv, fd) != 0) std::abort();
  state_->uv.data = state_.get();
}

Watcher::~Watcher() = default;

void Watcher::watch(unsigned readiness) {
  if (std::exchange(state_->watched, readiness) == readiness) return;
  if (readiness == none) {
    uv_poll_stop(&state_->uv);
  } else {
    uv_poll_start(&state_->uv, static_cast<int>(readiness), &State::on_uv);
  }
}

}  // namespace bastion::loop
