// The one place where uv_close stands. Private to bastion/loop.
//
// A handle lives in a State beside the function it calls; State::uv is the handle. Closing it stops the callbacks now
// and frees the State on a later turn, so that an object may be destroyed from inside its own callback.
#pragma once

#include <uv.h>

namespace bastion::loop {

template <typename State>
void close_handle(State* state) {
  auto* const handle = reinterpret_cast<uv_handle_t*>(&state->uv);
  handle->data = state;
  uv_close(handle, [](uv_handle_t* closed) { delete static_cast<State*>(closed->data); });
}

}  // namespace bastion::loop
