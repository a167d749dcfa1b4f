#include "bastion/upstream/backoff.h"

#include <doctest/doctest.h>

#include <vector>

namespace bastion::upstream {
namespace {

using std::chrono::milliseconds;
using Waits = std::vector<milliseconds::rep>;

// The waits after so many failures in a row, each attempt made as soon as it may be.
Waits waits_of(int failures, double chance) {
  Backoff backoff;
  Waits waits;
  milliseconds now{1'000'000};
  for (int i = 0; i < failures; ++i) {
    backoff.failed(now, chance);
    waits.push_back(backoff.left(now).count());
    now += backoff.left(now);
  }
  return waits;
}

}  // namespace

TEST_CASE("the wait doubles from half a second to five seconds") {
  CHECK(waits_of(7, 0.5) == Waits{500, 1000, 2000, 4000, 5000, 5000, 5000});
}

TEST_CASE("chance makes it up to a quarter shorter or longer") {
  CHECK(waits_of(5, 0.0) == Waits{375, 750, 1500, 3000, 3750});
  CHECK(waits_of(5, 0.75) == Waits{562, 1125, 2250, 4500, 5625});
}

TEST_CASE("the bound holds however often it fails") {
  const auto waits = waits_of(10'000, 0.999);
  CHECK(waits.back() <= 6250);
}

TEST_CASE("nothing has to be waited for before the first failure, after a success, or when the wait is over") {
  Backoff backoff;
  CHECK(backoff.left(milliseconds{0}).count() == 0);
  backoff.failed(milliseconds{0}, 0.5);
  CHECK(backoff.left(milliseconds{499}).count() == 1);
  CHECK(backoff.left(milliseconds{500}).count() == 0);
  CHECK(backoff.left(milliseconds{9999}).count() == 0);
  backoff.succeeded();
  CHECK(backoff.left(milliseconds{0}).count() == 0);
  backoff.failed(milliseconds{0}, 0.5);
  CHECK(backoff.left(milliseconds{0}).count() == 500);
}

}  // namespace bastion::upstream
