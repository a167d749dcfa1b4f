#include "bastion/loop/watcher.h"

#include <uv.h>

#include <cstdlib>
#include <utility>

#include "bastion/loop/loop.h"

namespace bastion::loop {

static_assert(unsigned{Watcher::readable} == unsigned{UV_READABLE} &&
              unsigned{Watcher::writable} == unsigned{UV_WRITABLE});

Watcher::Watcher(Loop& loop, int fd, std::function<void(unsigned)> on_ready)
    : uv_(new uv_poll_t), on_ready_(std::move(on_ready)) {
  if (uv_poll_init(loop.raw(), uv_.get(), fd) != 0) std::abort();
  uv_->data = this;
}

Watcher::~Watcher() = default;

void Watcher::watch(unsigned readiness) {
  if (std::exchange(watched_, readiness) == readiness) return;
  if (readiness == none) {
    uv_poll_stop(uv_.get());
    return;
  }
  uv_poll_start(uv_.get(), static_cast<int>(readiness), [](uv_poll_t* handle, int status, int events) {
    const auto* const watcher = static_cast<Watcher*>(handle->data);
    // An error shows at the next read or write, which is where it can be told.
    watcher->on_ready_(status < 0 ? watcher->watched_ : static_cast<unsigned>(events));
  });
}

}  // namespace bastion::loop
