// A small world with a bastion that serves it, as far as administrators' commands can tell: a loop, executors, a
// writer, and a runtime that says what the test says.
#pragma once

#include <chrono>
#include <memory>
#include <tuple>

#include "bastion/admin/site.h"
#include "bastion/loop/loop.h"
#include "store/writer.h"
#include "tests/support/executors.h"
#include "tests/support/recorded_runtime.h"
#include "tests/support/small_world.h"

namespace bastion::test {

struct SiteWorld : SmallWorld {
  SiteWorld() = default;
  // As the server ends: what has begun still uses the rest.
  ~SiteWorld() {
    for (auto* const one : {changes.get(), questions.get(), errands.get(), own.get()})
      std::ignore = one->close(std::chrono::minutes{1});
  }
  SiteWorld(const SiteWorld&) = delete;
  SiteWorld& operator=(const SiteWorld&) = delete;

  std::unique_ptr<loop::Executor> changes = executor();
  std::unique_ptr<loop::Executor> questions = executor();
  std::unique_ptr<loop::Executor> errands = executor();
  std::unique_ptr<loop::Executor> own = executor();
  loop::Loop loop;  // what it still has to delete withdraws its work from them
  RecordedRuntime runtime;
  std::unique_ptr<store::Writer> writer = must(store::Writer::open(file));
  admin::Site site{.directory = {.file = file},
                   .identity = {},
                   .sealing_key = SealingKey::load_or_make(folder / "seal"),
                   .run_ssh = run_ssh,
                   .runtime = runtime,
                   .writer = *writer,
                   .changes = *changes,
                   .questions = *questions,
                   .errands = *errands,
                   .own = *own,
                   .me = "container,key,session,share,totp"};
};

}  // namespace bastion::test
