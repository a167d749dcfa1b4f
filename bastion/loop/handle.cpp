#include "bastion/loop/handle.h"

#include <uv.h>

namespace bastion::loop {
namespace {

template <typename Uv>
void close(Uv* handle) {
  uv_close(reinterpret_cast<uv_handle_t*>(handle), [](uv_handle_t* closed) { delete reinterpret_cast<Uv*>(closed); });
}

}  // namespace

void CloseHandle::operator()(uv_async_s* handle) const { close(handle); }
void CloseHandle::operator()(uv_poll_s* handle) const { close(handle); }
void CloseHandle::operator()(uv_prepare_s* handle) const { close(handle); }
void CloseHandle::operator()(uv_signal_s* handle) const { close(handle); }
void CloseHandle::operator()(uv_timer_s* handle) const { close(handle); }

}  // namespace bastion::loop
