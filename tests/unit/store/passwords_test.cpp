#include "store/passwords.h"

#include <doctest/doctest.h>

#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::must;

struct PasswordsWorld : test::SmallWorld {
  std::int64_t alice = user("alice");

  std::int64_t generation() {
    return must(Statement(database, "SELECT generation FROM permissions")
                    .first([](const Row& row) { return row.number(0); }, {}))
        .value_or(0);
  }
};

}  // namespace

TEST_CASE("passwords: one for each user, and another row for another one") {
  PasswordsWorld world;
  CHECK_FALSE(must(world.passwords.of_user(world.alice)));
  must(world.passwords.set(world.alice, "one", true, world.kNow));
  const auto first = must(world.passwords.of_user(world.alice)).value();
  CHECK(first.hash == "one");
  CHECK(first.must_change);
  CHECK(first.set_at == world.kNow);

  const auto before = world.generation();
  must(world.passwords.set(world.alice, "two", false, world.kNow + 1));
  const auto second = must(world.passwords.of_user(world.alice)).value();
  CHECK(second.id != first.id);
  CHECK(second.hash == "two");
  CHECK_FALSE(second.must_change);
  CHECK(world.generation() > before);
  CHECK_FALSE(must(world.passwords.of_user(world.user("bob"))));
}

TEST_CASE("passwords: whoever has typed one changes that one, and no other") {
  PasswordsWorld world;
  CHECK_FALSE(must(world.passwords.change(world.alice, 1, "new", world.kNow)));
  must(world.passwords.set(world.alice, "one", true, world.kNow));
  const auto first = must(world.passwords.of_user(world.alice))->id;
  CHECK(must(world.passwords.change(world.alice, first, "new", world.kNow + 1)));
  CHECK_FALSE(must(world.passwords.of_user(world.alice))->must_change);
  CHECK_FALSE(must(world.passwords.change(world.alice, first, "newer", world.kNow + 2)));
  CHECK(must(world.passwords.of_user(world.alice))->hash == "new");
}

TEST_CASE("passwords: one that is removed is gone, and so is that of a user who is") {
  PasswordsWorld world;
  CHECK_FALSE(must(world.passwords.remove(world.alice)));
  must(world.passwords.set(world.alice, "one", true, world.kNow));
  const auto before = world.generation();
  CHECK(must(world.passwords.remove(world.alice)));
  CHECK(world.generation() > before);
  must(world.passwords.set(world.alice, "one", true, world.kNow));
  must(world.users.remove(world.alice));
  CHECK_FALSE(must(world.passwords.of_user(world.alice)));
}

}  // namespace bastion::store
