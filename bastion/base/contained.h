// The last line of defence against an exception that nobody expected, where a command, a job, a callback of a C library
// or a thread would let it out: it ends what it was thrown in, and the process goes on.
//
// It is never the way in which a fault of somebody's input is told. Whoever calls a library that throws turns its
// exceptions into an Error in the same function, with a sentence that says what would be right.
#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include "bastion/base/result.h"

namespace bastion {

// What people are told of it; the log has the rest.
inline constexpr std::string_view kInternalError = "internal error; the log of the bastion says more";

namespace detail {

// Inside of a catch block: writes what was thrown into the log.
void log_unexpected(std::string_view what) noexcept;

}  // namespace detail

// The outcome of `body`, which returns a Result. `what` is what the log says has failed.
template <typename Body>
[[nodiscard]] std::invoke_result_t<Body> contained(std::string_view what, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (...) {
    detail::log_unexpected(what);
  }
  return fail("{}", kInternalError);
}

// The same for what returns nothing. False: it did not come to its end.
template <typename Body>
  requires std::is_void_v<std::invoke_result_t<Body>>
bool contained(std::string_view what, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return true;
  } catch (...) {
    detail::log_unexpected(what);
  }
  return false;
}

}  // namespace bastion
