// A small world with a bastion that serves it, as far as administrators' commands can tell: a loop, executors, a
// writer, and a runtime that says what the test says.
#pragma once

#include <memory>

#include "bastion/admin/site.h"
#include "bastion/loop/loop.h"
#include "store/writer.h"
#include "tests/support/executors.h"
#include "tests/support/recorded_runtime.h"
#include "tests/support/small_world.h"

namespace bastion::test {

struct SiteWorld : SmallWorld {
  loop::Loop loop;
  RecordedRuntime runtime;
  std::unique_ptr<store::Writer> writer = must(store::Writer::open(file));
  std::unique_ptr<loop::Executor> changes = executor();
  std::unique_ptr<loop::Executor> questions = executor();
  admin::Site site{.database = file,
                   .identity = {},
                   .runtime = runtime,
                   .writer = *writer,
                   .changes = *changes,
                   .questions = *questions};
};

}  // namespace bastion::test
