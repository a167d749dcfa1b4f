#include "bastion/loop/work.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "tests/support/executors.h"

namespace bastion::loop {
namespace {

void unexpected(const Error& why) { FAIL_CHECK(why.text); }

}  // namespace

TEST_CASE("a job runs on another thread, and what it returns on the loop's") {
  const auto executor = test::executor();
  Loop loop;
  const auto here = std::this_thread::get_id();
  std::thread::id there;
  std::thread::id then;
  const Work work(
      loop, *executor,
      [&] {
        there = std::this_thread::get_id();
        return [&] {
          then = std::this_thread::get_id();
          loop.stop();
        };
      },
      unexpected);
  loop.run();
  CHECK(there != here);
  CHECK(then == here);
}

TEST_CASE("work may be destroyed by its own outcome") {
  const auto executor = test::executor();
  Loop loop;
  std::unique_ptr<Work> work;
  work = std::make_unique<Work>(
      loop, *executor,
      [&] {
        return [&] {
          work.reset();
          loop.stop();
        };
      },
      unexpected);
  loop.run();
  CHECK(work == nullptr);
}

TEST_CASE("an owner that dies while its job runs hears nothing of it, and what the job had is freed") {
  const auto kept = std::make_shared<int>();
  bool called = false;
  std::binary_semaphore begun(0);
  std::binary_semaphore may_end(0);
  {
    const auto executor = test::executor();
    Loop loop;
    std::optional<Work> work;
    work.emplace(
        loop, *executor,
        [&, kept] {
          begun.release();
          may_end.acquire();
          return [&called, kept] { called = true; };
        },
        unexpected);
    begun.acquire();
    work.reset();
    may_end.release();
  }
  CHECK_FALSE(called);
  CHECK(kept.use_count() == 1);
}

TEST_CASE("a job may go on when the loop of its owner is gone") {
  std::binary_semaphore begun(0);
  std::binary_semaphore may_end(0);
  const auto executor = test::executor();
  {
    Loop loop;
    const Work work(
        loop, *executor,
        [&] {
          begun.release();
          may_end.acquire();
          return [] {};
        },
        unexpected);
    begun.acquire();
  }
  may_end.release();
  CHECK(executor->close(std::chrono::minutes(1)));
}

TEST_CASE("an outcome that waits for its turn is dropped with its owner") {
  std::binary_semaphore behind_it(0);
  const auto executor = test::executor();
  const auto kept = std::make_shared<int>();
  bool called = false;
  Loop loop;
  std::optional<Work> work;
  work.emplace(loop, *executor, [&called, kept] { return [&called, kept] { called = true; }; }, unexpected);
  REQUIRE(executor->submit([&] { behind_it.release(); }));
  behind_it.acquire();
  work.reset();
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(called);
  CHECK(kept.use_count() == 1);
}

TEST_CASE("jobs that wait for a thread when their owner dies never begin, and make room") {
  std::binary_semaphore may_go(0);
  std::atomic<int> begun = 0;
  const auto executor = test::executor({.threads = 2, .queue = 50});
  Loop loop;
  const auto work = [&] {
    return std::make_unique<Work>(
        loop, *executor,
        [&] {
          ++begun;
          may_go.acquire();
          may_go.release();
          return [] {};
        },
        unexpected);
  };
  std::vector<std::unique_ptr<Work>> works;
  for (int i = 0; i < 50; ++i) works.push_back(work());
  works.clear();
  CHECK(executor->counts().queued == 0);
  may_go.release();
  CHECK(executor->close(std::chrono::minutes(1)));
  CHECK(begun <= 2);
}

TEST_CASE("whoever waits for a job that has not begun when its executor is closed is told so") {
  std::binary_semaphore begun(0);
  std::binary_semaphore may_end(0);
  const auto executor = test::executor({.threads = 1, .queue = 50});
  const auto kept = std::make_shared<int>();
  Loop loop;
  bool has_ended = false;
  const Work running(
      loop, *executor,
      [&] {
        begun.release();
        may_end.acquire();
        return [&] { has_ended = true; };
      },
      unexpected);
  begun.acquire();
  std::vector<std::string> told;
  const auto waits = [&] {
    return std::make_unique<Work>(
        loop, *executor,
        [kept] {
          FAIL_CHECK("it began");
          return [] {};
        },
        [&](const Error& why) {
          told.push_back(why.text);
          loop.stop();
        });
  };
  const auto first = waits();
  auto gone = waits();
  gone.reset();
  CHECK_FALSE(executor->close(std::chrono::milliseconds(1)));  // the other one goes on
  CHECK(kept.use_count() == 1);
  loop.run();
  CHECK(told == std::vector<std::string>{"the bastion is shutting down"});
  may_end.release();
  CHECK(executor->close(std::chrono::minutes(1)));
  loop.post([&] { loop.stop(); });
  loop.run();
  CHECK(has_ended);
}

TEST_CASE("what is refused is told on the loop, to an owner that is there") {
  const auto executor = test::executor({.threads = 1, .queue = 1});
  std::ignore = executor->close(std::chrono::milliseconds(0));
  Loop loop;
  std::string told;
  const auto never = [] { return [] { FAIL_CHECK("it was refused"); }; };
  const Work refused(loop, *executor, never, [&](const Error& why) {
    told = why.text;
    loop.stop();
  });
  auto gone = std::make_unique<Work>(loop, *executor, never, unexpected);
  gone.reset();
  CHECK(told.empty());
  loop.run();
  CHECK(told == "the bastion is shutting down");
}

TEST_CASE("what a job throws ends the job, and nothing else") {
  const auto executor = test::executor();
  Loop loop;
  bool called = false;
  const Work thrower(
      loop, *executor,
      [&called]() -> Work::Then {
        if (!called) throw std::out_of_range("nobody expected it");
        return [&called] { called = true; };
      },
      unexpected);
  const Work then_thrower(
      loop, *executor, [] { return [] { throw std::out_of_range("nobody expected it"); }; }, unexpected);
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
