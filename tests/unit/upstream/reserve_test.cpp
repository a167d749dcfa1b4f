#include "bastion/upstream/reserve.h"

#include <doctest/doctest.h>

namespace bastion::upstream {

using namespace std::chrono_literals;

TEST_CASE("a hop is kept in reserve while logins come, and no longer") {
  Reserve reserve;
  CHECK_FALSE(reserve.is_worth_it(1h));
  CHECK_FALSE(reserve.may_be_dialled(1h));
  reserve.asked(1h);
  CHECK(reserve.may_be_dialled(1h));
  CHECK(reserve.may_be_dialled(1h + Reserve::kAfterLogin - 1ms));
  CHECK_FALSE(reserve.is_worth_it(1h + Reserve::kAfterLogin));
  CHECK_FALSE(reserve.may_be_dialled(1h + Reserve::kAfterLogin));
}

TEST_CASE("a reserve that cannot be had is dialled again minutes later, or with the next login") {
  Reserve reserve;
  reserve.asked(1h);
  reserve.failed(1h + 1s);
  CHECK(reserve.is_worth_it(1h + 2s));
  CHECK_FALSE(reserve.may_be_dialled(1h + 2s));
  CHECK_FALSE(reserve.may_be_dialled(1h + Reserve::kAfterFailure));
  CHECK(reserve.may_be_dialled(1h + 1s + Reserve::kAfterFailure));
  reserve.asked(1h + 3s);
  CHECK(reserve.may_be_dialled(1h + 3s));
}

TEST_CASE("a backend that refuses every reserve is asked for it a few times after a login") {
  Reserve reserve;
  reserve.asked(0s);
  int dials = 0;
  for (std::chrono::milliseconds now = 0s; now < 24h; now += 250ms) {
    if (!reserve.may_be_dialled(now)) continue;
    ++dials;
    reserve.failed(now);
  }
  CHECK(dials == 2);
}

}  // namespace bastion::upstream
