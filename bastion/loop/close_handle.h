// The one place where uv_close stands. For the source files of this folder that have a State of their own.
//
// A State has the handle as its member `uv`, beside the function that the handle calls. Closing stops the callbacks now
// and frees the State on a later turn, so that an object may be destroyed from inside its own callback.
#pragma once

#include <uv.h>

#include "bastion/loop/handle.h"

namespace bastion::loop {

template <typename State>
void CloseHandle<State>::operator()(State* state) const {
  auto* const handle = reinterpret_cast<uv_handle_t*>(&state->uv);
  handle->data = state;
  uv_close(handle, [](uv_handle_t* closed) { delete static_cast<State*>(closed->data); });
}

}  // namespace bastion::loop
