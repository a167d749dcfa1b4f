// How an object owns a libuv handle: the handle lives in a State that only the object's source file knows.
#pragma once

#include <memory>

namespace bastion::loop {

// Closes the handle and frees the State on a later turn; close_handle.h says how.
template <typename State>
struct CloseHandle {
  void operator()(State* state) const;
};

template <typename State>
using Handle = std::unique_ptr<State, CloseHandle<State>>;

}  // namespace bastion::loop
