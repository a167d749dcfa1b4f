// A thread, or why there is none: the system may have a limit, and std::thread says so by an exception.
#pragma once

#include <system_error>
#include <thread>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/result.h"

namespace bastion {

template <typename Body>
[[nodiscard]] Result<std::thread> start_thread(Body&& body) {
  try {
    return std::thread([body = std::forward<Body>(body)]() mutable { contained("a thread", body); });
  } catch (const std::system_error& error) {
    return fail("cannot start a thread: {}", error.code().message());
  }
}

}  // namespace bastion
