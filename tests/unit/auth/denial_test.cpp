#include "bastion/auth/denial.h"

#include <doctest/doctest.h>

namespace bastion::auth {
namespace {

using std::chrono::microseconds;

// When the answer leaves, in milliseconds of the clock.
std::chrono::milliseconds due(microseconds came, microseconds worked) {
  const auto now = came + worked;
  return std::chrono::floor<std::chrono::milliseconds>(now) + denial_after(came, now);
}

}  // namespace

TEST_CASE("the answer leaves at the same time, whatever the work took") {
  for (const auto came : {microseconds{0}, microseconds{1}, microseconds{999}, microseconds{7'000'500}}) {
    CAPTURE(came.count());
    const auto usual = due(came, microseconds{0});
    for (const auto worked : {30, 90, 700, 1'500, 3'999}) CHECK(due(came, microseconds{worked}) == usual);
    CHECK(usual - came >= kDenialTakes - std::chrono::milliseconds{1});
  }
}

TEST_CASE("work that takes longer is hidden in steps that double") {
  const auto step = [](int worked) { return due(microseconds{0}, microseconds{worked}) / kDenialTakes; };
  CHECK(step(4'999) == 1);
  CHECK(step(5'000) == 2);
  CHECK(step(9'999) == 2);
  CHECK(step(10'000) == 4);
  CHECK(step(70'000) == 16);
}

}  // namespace bastion::auth
