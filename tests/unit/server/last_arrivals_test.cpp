#include "bastion/server/last_arrivals.h"

#include <doctest/doctest.h>

#include <chrono>

#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"

namespace bastion::server {
namespace {

using namespace std::chrono_literals;

struct Ending {
  loop::Loop loop;
  bool is_empty = false;
  LastArrivals arrivals{{.loop = loop, .is_empty = [this] { return is_empty; }}};
};

}  // namespace

TEST_CASE("last arrivals: where nobody is on the way the service ends at once") {
  Ending ending;
  ending.is_empty = true;
  ending.arrivals.await(60s);
  ending.loop.run();
  CHECK(ending.arrivals.has_begun());
}

TEST_CASE("last arrivals: whoever is on the way comes in, and then the service ends") {
  Ending ending;
  int turns = 0;
  loop::Timer comes(ending.loop, [&] { ending.is_empty = ++turns >= 5; });
  comes.repeat(1ms);
  ending.arrivals.await(60s);
  ending.loop.run();
  CHECK(turns >= 5);
}

TEST_CASE("last arrivals: nobody is waited for where sessions have no time either") {
  Ending ending;
  ending.arrivals.await(0s);
  ending.loop.run();
  CHECK(ending.arrivals.has_begun());
}

TEST_CASE("last arrivals: who never comes in is not waited for longer than half of what sessions have") {
  Ending ending;
  ending.arrivals.await(1s);
  ending.loop.run();
  CHECK_FALSE(ending.is_empty);
  CHECK(ending.arrivals.spent() >= 500ms);
}

}  // namespace bastion::server
