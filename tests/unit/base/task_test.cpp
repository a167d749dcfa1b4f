#include "bastion/base/task.h"

#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace bastion {
namespace {

// Counts what is alive, to see that cancelling destroys it.
struct Alive {
  explicit Alive(int& count) : count_(count) { ++count_; }
  ~Alive() { --count_; }
  Alive(const Alive&) = delete;
  Alive& operator=(const Alive&) = delete;

 private:
  int& count_;
};

Task<int> twice(Event<int>& event) { co_return 2 * co_await event; }

Task<std::string> sentence(Event<int>& event, int& alive) {
  const Alive here(alive);
  const auto number = co_await twice(event);
  co_return "twice is " + std::to_string(number);
}

Task<> collect(Stream<int>& stream, std::vector<int>& seen, int count) {
  for (int i = 0; i < count; ++i) seen.push_back(co_await stream.next());
}

}  // namespace

TEST_CASE("a sequence reads straight down and ends once") {
  Event<int> event;
  int alive = 0;
  int ended = 0;
  auto task = sentence(event, alive);
  task.start([&ended] { ++ended; });
  CHECK(ended == 0);
  CHECK(alive == 1);
  event.set(21);
  CHECK(ended == 1);
  CHECK(alive == 0);
  CHECK(task.take() == "twice is 42");
}

TEST_CASE("a value that is there already is not waited for") {
  Event<int> event;
  event.set(4);
  int alive = 0;
  auto task = sentence(event, alive);
  task.start([] {});
  CHECK(task.done());
}

TEST_CASE("destroying a task destroys all that waits in it, and the event forgets it") {
  Event<int> event;
  int alive = 0;
  {
    auto task = sentence(event, alive);
    task.start([] { FAIL("it was cancelled"); });
    CHECK(alive == 1);
  }
  CHECK(alive == 0);
  event.set(1);
}

TEST_CASE("an event tells all that wait, in their order, and only its first value") {
  Event<int> event;
  int alive = 0;
  std::vector<std::string> heard;
  auto first = sentence(event, alive);
  auto second = sentence(event, alive);
  first.start([&] { heard.push_back("first"); });
  second.start([&] { heard.push_back("second"); });
  event.set(1);
  event.set(2);
  CHECK(heard == std::vector<std::string>{"first", "second"});
  CHECK(second.take() == "twice is 2");
}

TEST_CASE("a lone waiter may destroy the event it waited for") {
  auto event = std::make_unique<Event<int>>();
  int alive = 0;
  auto task = sentence(*event, alive);
  task.start([&event] { event.reset(); });
  event->set(3);
  CHECK(event == nullptr);
}

TEST_CASE("a stream hands values over in their order, early ones too") {
  Stream<int> stream;
  std::vector<int> seen;
  stream.push(1);
  stream.push(2);
  auto task = collect(stream, seen, 3);
  task.start([] {});
  CHECK(seen == std::vector<int>{1, 2});
  stream.push(3);
  CHECK(seen == std::vector<int>{1, 2, 3});
  CHECK(task.done());
}

TEST_CASE("what a sequence throws leaves through whoever resumed it, and its owner destroys it as it would any other") {
  Event<int> event;
  int alive = 0;
  int ended = 0;
  auto throwing = [](Event<int>& waits, int& count) -> Task<std::string> {
    const Alive here(count);
    const auto number = co_await twice(waits);
    if (number > 0) throw std::out_of_range("nobody expected it");
    co_return "never";
  };
  auto task = throwing(event, alive);
  task.start([&] { ++ended; });
  CHECK(alive == 1);
  CHECK_THROWS_AS(event.set(1), std::out_of_range);
  CHECK(alive == 0);
  CHECK(ended == 0);
  task.reset();
}

}  // namespace bastion
