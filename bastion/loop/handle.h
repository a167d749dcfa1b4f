// libuv handles with one owner each. Destroying the owner closes the handle; libuv frees it on a later turn, and no
// callback of it comes after that. The one place where uv_close stands is handle.cpp.
#pragma once

#include <memory>

struct uv_async_s;
struct uv_poll_s;
struct uv_prepare_s;
struct uv_signal_s;
struct uv_timer_s;

namespace bastion::loop {

struct CloseHandle {
  void operator()(uv_async_s* handle) const;
  void operator()(uv_poll_s* handle) const;
  void operator()(uv_prepare_s* handle) const;
  void operator()(uv_signal_s* handle) const;
  void operator()(uv_timer_s* handle) const;
};

template <typename Uv>
using Handle = std::unique_ptr<Uv, CloseHandle>;

}  // namespace bastion::loop
