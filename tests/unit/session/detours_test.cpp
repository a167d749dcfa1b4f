#include "bastion/session/detours.h"

#include <doctest/doctest.h>

namespace bastion::session {

TEST_CASE("detours: who has gone elsewhere waits the next times, for a while") {
  Detours detours;
  const Detours::Time now{1000};
  CHECK(detours.may_set_out(1, now));
  detours.note(1, now);
  CHECK_FALSE(detours.may_set_out(1, now));
  CHECK(detours.may_set_out(2, now));
  CHECK_FALSE(detours.may_set_out(1, now + Detours::kRemembered - Detours::Time{1}));
  CHECK(detours.may_set_out(1, now + Detours::kRemembered));
}

TEST_CASE("detours: so many are remembered, and then nobody sets out") {
  Detours detours;
  const Detours::Time now{1000};
  for (std::size_t user = 0; user < Detours::kMost; ++user) detours.note(static_cast<std::int64_t>(user), now);
  CHECK_FALSE(detours.may_set_out(1'000'000, now));
  detours.note(1'000'000, now);
  CHECK(detours.may_set_out(1'000'000, now + Detours::kRemembered));
}

}  // namespace bastion::session
