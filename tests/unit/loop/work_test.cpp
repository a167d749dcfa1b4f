#include "bastion/loop/work.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <thread>
#include <vector>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"

namespace bastion::loop {

TEST_CASE("a job runs on another thread, and what it returns on the loop's") {
  Loop loop;
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  std::thread::id then;
  const Work work(loop, [&] {
    there = std::this_thread::get_id();
    return [&] {
      then = std::this_thread::get_id();
      loop.stop();
    };
  });
  loop.run();
  CHECK(there != here);
  CHECK(then == here);
}

TEST_CASE("work may be destroyed by its own outcome") {
  Loop loop;
  std::unique_ptr<Work> work;
  work = std::make_unique<Work>(loop, [&] {
    return [&] {
      work.reset();
      loop.stop();
    };
  });
  loop.run();
  CHECK(work == nullptr);
}

TEST_CASE("an owner that dies while its job runs hears nothing of it, and what the job had is freed") {
  const auto kept = std::make_shared<int>();
  bool called = false;
  std::binary_semaphore begun(0);
  std::binary_semaphore may_end(0);
  {
    Loop loop;
    std::optional<Work> work;
    work.emplace(loop, [&, kept] {
      begun.release();
      may_end.acquire();
      return [&called, kept] { called = true; };
    });
    begun.acquire();
    work.reset();
    may_end.release();
  }
  CHECK_FALSE(called);
  CHECK(kept.use_count() == 1);
}

TEST_CASE("jobs that wait for a thread when their owner dies never begin") {
  constexpr int kMoreThanThreads = 200;
  std::binary_semaphore may_go(0);
  std::atomic<int> begun = 0;
  {
    Loop loop;
    std::vector<std::unique_ptr<Work>> works;
    for (int i = 0; i < kMoreThanThreads; ++i) {
      works.push_back(std::make_unique<Work>(loop, [&] {
        ++begun;
        may_go.acquire();
        may_go.release();
        return [] {};
      }));
    }
    works.clear();
    may_go.release();
  }
  CHECK(begun < kMoreThanThreads);
}

TEST_CASE("what a job throws ends the job, and nothing else") {
  Loop loop;
  bool called = false;
  const Work thrower(loop, [&called]() -> Work::Then {
    if (!called) throw std::out_of_range("nobody expected it");
    return [&called] { called = true; };
  });
  const Work then_thrower(loop, [] { return [] { throw std::out_of_range("nobody expected it"); }; });
  Timer enough(loop, [&loop] { loop.stop(); });
  Timer timer(loop, [&] {
    enough.start(std::chrono::milliseconds(10));
    throw std::out_of_range("nobody expected it");
  });
  loop.post([] { throw std::out_of_range("nobody expected it"); });
  timer.start(std::chrono::milliseconds(1));
  loop.run();
  CHECK_FALSE(called);
}

}  // namespace bastion::loop
