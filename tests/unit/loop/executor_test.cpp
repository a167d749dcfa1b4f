#include "bastion/loop/executor.h"

#include <doctest/doctest.h>
#include <pthread.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <semaphore>
#include <stdexcept>
#include <utility>
#include <vector>

#include "tests/support/executors.h"

namespace bastion::loop {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

// Jobs that end when they are let go: holds as many threads as it is asked to.
class Blockade {
 public:
  explicit Blockade(Executor& executor, std::size_t threads = 1) {
    for (std::size_t i = 0; i < threads; ++i) add_to(executor);
    for (std::size_t i = 0; i < threads; ++i) limiter_->begun.acquire();
  }
  ~Blockade() { lift(); }
  Blockade(const Blockade&) = delete;
  Blockade& operator=(const Blockade&) = delete;

  void lift() { limiter_->may_end.release(std::exchange(held_, 0)); }

 private:
  struct ConnectionLimiter {
    std::counting_semaphore<> begun{0};
    std::counting_semaphore<> may_end{0};
  };

  void add_to(Executor& executor) {
    REQUIRE(executor.submit([limiter = limiter_] {
      limiter->begun.release();
      limiter->may_end.acquire();
    }));
    ++held_;
  }

  std::ptrdiff_t held_ = 0;
  std::shared_ptr<ConnectionLimiter> limiter_ = std::make_shared<ConnectionLimiter>();  // the jobs' too
};

void nothing() {}

// No thread that is made meanwhile gets the memory it asks for.
class NoThreads {
 public:
  NoThreads() {
    pthread_attr_t none{};
    REQUIRE(::pthread_getattr_default_np(&usual_) == 0);
    REQUIRE(::pthread_getattr_default_np(&none) == 0);
    REQUIRE(::pthread_attr_setstacksize(&none, std::size_t{1} << 47) == 0);
    REQUIRE(::pthread_setattr_default_np(&none) == 0);
    ::pthread_attr_destroy(&none);
  }
  ~NoThreads() {
    ::pthread_setattr_default_np(&usual_);
    ::pthread_attr_destroy(&usual_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t usual_{};
};

}  // namespace

TEST_CASE("all threads are there from the beginning, and work at once") {
  constexpr std::size_t kThreads = 4;
  const auto executor = test::executor({.threads = kThreads, .queue = 1});
  const Blockade all(*executor, kThreads);  // it waits until each of them has a job
  CHECK(executor->counts().running == kThreads);
}

TEST_CASE("where the system gives no thread there is no executor, and a sentence") {
  const NoThreads hard_times;
  const auto refused = Executor::start("jobs", {.threads = 2, .queue = 1});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text.starts_with("cannot start a thread: "));
}

TEST_CASE("jobs begin in the order in which they come") {
  std::vector<int> order;
  std::binary_semaphore last(0);
  {
    const auto executor = test::executor();
    Blockade blockade(*executor);
    for (int i = 0; i < 5; ++i) REQUIRE(executor->submit([&order, i] { order.push_back(i); }));
    REQUIRE(executor->submit([&last] { last.release(); }));
    blockade.lift();
    last.acquire();
  }
  CHECK(order == std::vector{0, 1, 2, 3, 4});
}

TEST_CASE("what the queue does not hold is refused, and counted, until there is room again") {
  std::binary_semaphore free_again(0);
  const auto executor = test::executor({.threads = 2, .queue = 3});
  Blockade blockade(*executor, 2);
  for (int i = 0; i < 3; ++i) REQUIRE(executor->submit(nothing));
  const auto kept = std::make_shared<int>();
  const auto refused = executor->submit([kept] {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text == "the bastion has too many jobs waiting; try again");
  CHECK(kept.use_count() == 1);
  const auto counts = executor->counts();
  CHECK(counts.queued == 3);
  CHECK(counts.running == 2);
  CHECK(counts.refused == 1);

  blockade.lift();
  while (!executor->submit([&] { free_again.release(); })) {
  }
  free_again.acquire();
}

TEST_CASE("a job that is withdrawn never begins, is destroyed at once and makes room") {
  std::atomic<bool> begun = false;
  std::binary_semaphore last(0);
  const auto executor = test::executor({.threads = 1, .queue = 1});
  const auto kept = std::make_shared<int>();
  {
    Blockade blockade(*executor);
    const auto ticket = executor->submit([kept, &begun] { begun = true; });
    REQUIRE(ticket);
    executor->withdraw(*ticket);
    executor->withdraw(*ticket);
    CHECK(kept.use_count() == 1);
    CHECK(executor->counts().queued == 0);
    REQUIRE(executor->submit([&last] { last.release(); }));
  }
  last.acquire();
  CHECK_FALSE(begun);
}

TEST_CASE("who closes it waits no longer than that for what has begun; what has not, never begins") {
  std::atomic<bool> begun = false;
  auto executor = test::executor();
  const auto kept = std::make_shared<int>();
  Blockade blockade(*executor);
  REQUIRE(executor->submit([kept, &begun] { begun = true; }));
  CHECK_FALSE(executor->close(milliseconds(1)));
  CHECK(kept.use_count() == 1);
  CHECK(executor->submit(nothing).error().text == "the bastion is shutting down");
  blockade.lift();
  CHECK(executor->close(minutes(1)));
  CHECK(executor->counts().running == 0);
  executor.reset();
  CHECK_FALSE(begun);
}

TEST_CASE("what a job throws ends the job, and the next one runs") {
  std::binary_semaphore next(0);
  const auto executor = test::executor();
  REQUIRE(executor->submit([] { throw std::out_of_range("nobody expected it"); }));
  REQUIRE(executor->submit([&next] { next.release(); }));
  next.acquire();
}

}  // namespace bastion::loop
