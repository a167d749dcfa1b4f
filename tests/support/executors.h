// An executor for tests; what cannot be made ends the test.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <utility>

#include "bastion/loop/executor.h"

namespace bastion::test {

inline std::unique_ptr<loop::Executor> executor(loop::Executor::Size size = {.threads = 1, .queue = 16}) {
  auto made = loop::Executor::start("jobs", size);
  REQUIRE_MESSAGE(made.has_value(), made.error().text);
  return *std::move(made);
}

}  // namespace bastion::test
