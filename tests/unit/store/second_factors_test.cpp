#include "store/second_factors.h"

#include <doctest/doctest.h>

#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::blob;
using test::must;

struct CodesWorld : test::SmallWorld {
  std::int64_t alice = 0;
  std::int64_t enrolment = 0;

  CodesWorld() {
    user("alice");
    user("bob");
    alice = id_of("alice");
    must(second_factors.enroll(alice, bytes_of("sealed"), {ByteVector{1}, ByteVector{2}}, kNow));
    enrolment = must(second_factors.of_user(alice))->id;
  }
  std::int64_t generation() {
    return must(Statement(database, "SELECT generation FROM permissions")
                    .first([](const Row& row) { return row.number(0); }, {}))
        .value_or(0);
  }
};

}  // namespace

TEST_CASE("codes of users: one enrolment each, until it is reset") {
  CodesWorld world;
  CHECK(must(world.second_factors.of_user(world.alice))->secret == blob("sealed"));
  CHECK_FALSE(must(world.second_factors.of_user(world.id_of("bob"))));
  CHECK_FALSE(world.second_factors.enroll(world.alice, bytes_of("another"), {}, world.kNow));
  CHECK(must(world.second_factors.all()).size() == 1);
  CHECK(must(world.second_factors.all()).front().recovery_codes == 2);
  const auto before = world.generation();
  CHECK(must(world.second_factors.reset(world.alice)));
  CHECK(world.generation() > before);
  CHECK_FALSE(must(world.second_factors.reset(world.alice)));
  CHECK(must(world.second_factors.recovery_codes_left(world.alice)) == 0);
  must(world.second_factors.enroll(world.alice, bytes_of("another"), {}, world.kNow));
  CHECK(must(world.second_factors.of_user(world.alice))->id != world.enrolment);
}

TEST_CASE("codes of users: each step is used once, in their order") {
  CodesWorld world;
  CHECK(must(world.second_factors.use_here(world.enrolment, 100)));
  CHECK_FALSE(must(world.second_factors.use_here(world.enrolment, 100)));
  CHECK_FALSE(must(world.second_factors.use_here(world.enrolment, 99)));
  CHECK(must(world.second_factors.use_here(world.enrolment, 101)));
  CHECK_FALSE(must(world.second_factors.use_here(world.enrolment + 1, 200)));
  // What another bastion has used.
  const auto before = world.generation();
  must(world.second_factors.note_used(world.enrolment, 150));
  CHECK(world.generation() == before);
  CHECK_FALSE(must(world.second_factors.use_here(world.enrolment, 150)));
  CHECK(must(world.second_factors.use_here(world.enrolment, 151)));
  must(world.second_factors.note_used(world.enrolment, 140));
  CHECK(must(world.second_factors.of_user(world.alice))->last_step == 150);
}

TEST_CASE("codes of users: a recovery code is good once, and for one user") {
  CodesWorld world;
  const ByteVector code{1};
  CHECK_FALSE(must(world.second_factors.use_recovery_code(world.id_of("bob"), code, world.kNow)));
  CHECK(must(world.second_factors.use_recovery_code(world.alice, code, world.kNow)));
  CHECK_FALSE(must(world.second_factors.use_recovery_code(world.alice, code, world.kNow)));
  CHECK(must(world.second_factors.recovery_codes_left(world.alice)) == 1);
}

TEST_CASE("codes of users: after so many wrong ones nothing is looked at for a while") {
  CodesWorld world;
  auto& factors = world.second_factors;
  const auto now = world.kNow;
  for (int i = 0; i < SecondFactors::kMostFailures - 1; ++i) must(factors.note_failure(world.enrolment, now));
  CHECK_FALSE(must(factors.is_locked(world.enrolment, now)));
  must(factors.note_failure(world.enrolment, now + 1));
  CHECK(must(factors.is_locked(world.enrolment, now + 1)));
  CHECK(must(factors.is_locked(world.enrolment, now + SecondFactors::kLockedFor)));
  CHECK_FALSE(must(factors.is_locked(world.enrolment, now + 1 + SecondFactors::kLockedFor)));
  must(factors.note_failure(world.enrolment, now + 2 + SecondFactors::kLockedFor));
  CHECK_FALSE(must(factors.is_locked(world.enrolment, now + 2 + SecondFactors::kLockedFor)));
  // One that is right ends the count.
  for (int i = 0; i < SecondFactors::kMostFailures - 2; ++i) must(factors.note_failure(world.enrolment, now + 700));
  CHECK(must(factors.use_here(world.enrolment, 100)));
  must(factors.note_failure(world.enrolment, now + 701));
  CHECK_FALSE(must(factors.is_locked(world.enrolment, now + 701)));
}

}  // namespace bastion::store
