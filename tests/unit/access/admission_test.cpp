#include "bastion/access/admission.h"

#include <doctest/doctest.h>

#include <vector>

#include "bastion/access/container_access.h"
#include "bastion/access/readmission.h"
#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using test::must;
using test::SmallWorld;

// Alice is logged in with the first of her two keys.
struct AdmissionWorld : SmallWorld {
  Identity alice;

  AdmissionWorld() {
    user("alice");
    user("bob");
    backend("be1");
    key("alice", "A", kNow + 10);
    key("alice", "B");
    alice = Identity{.user = id_of("alice"), .name = "alice"};
    alice.credential = KeyCredential{.key = must(keys.of_user(alice.user)).front().id, .fingerprint = "SHA256:A"};
  }

  std::expected<Identity, End> again(const Circumstances& there) {
    return readmission({users, keys, cas, revocations, second_factors, passwords, sign_ons}, alice, there, {});
  }
  void needs(const char* expression) {
    auto row = must(users.get("alice"));
    row.auth = expression;
    must(users.update(row));
  }
  // The code of what has become of her; empty while she may stay.
  std::string_view standing(std::int64_t now = kNow) {
    const auto admitted = again({"10.0.0.1", now});
    return admitted ? "" : code_of(admitted.error().reason);
  }
  // The sentence, as to a container.
  std::string access(std::int64_t container, const char* shown, std::int64_t now = kNow) {
    const auto found = find_access(containers, alice, container, shown, now);
    return found ? "" : sentence_of(found.error());
  }
};

}  // namespace

TEST_CASE("admission: one rule for who may be here, now, from there, with this credential") {
  struct Case {
    const char* what;
    store::EnrolledKey enrolled;
    Circumstances there;
    std::string_view code;
    std::string_view detail;
  };
  const auto enrolled = [](auto change) {
    store::EnrolledKey one{.user = 1, .key = 2, .user_name = "alice", .fingerprint = "SHA256:A"};
    change(one);
    return one;
  };
  const Circumstances here{"10.0.0.1", 100};
  const std::vector<Case> cases{
      {"nothing is said against her", enrolled([](auto&) {}), here, "", ""},
      {"the user is disabled", enrolled([](auto& one) { one.user_disabled_at = 1; }), here, "user_disabled", ""},
      {"the key lasts", enrolled([](auto& one) { one.key_expires_at = 101; }), here, "", ""},
      {"the key has expired", enrolled([](auto& one) { one.key_expires_at = 100; }), here, "key_expired",
       "it has expired"},
      {"the key's options have", enrolled([](auto& one) { one.key_options = "expiry-time=\"19700101000140Z\""; }), here,
       "key_expired", "its expiry-time is over"},
      {"the user's options have", enrolled([](auto& one) { one.user_options = "expiry-time=\"19700101000140Z\""; }),
       here, "key_expired", "its expiry-time is over"},
      {"from elsewhere", enrolled([](auto& one) { one.key_options = "from=\"10.9.0.0/16\""; }), here, "source_refused",
       "it is not accepted from 10.0.0.1"},
      {"from there", enrolled([](auto& one) { one.key_options = "from=\"10.0.0.0/16\""; }), here, "", ""},
      {"from anywhere", enrolled([](auto& one) { one.key_options = "from=\"10.9.0.0/16\""; }),
       Circumstances{std::nullopt, 100}, "", ""},
      {"the user's options and the key's both count", enrolled([](auto& one) {
         one.user_options = "from=\"10.9.0.0/16\"";
         one.key_options = "from=\"10.0.0.0/16\"";
       }),
       here, "source_refused", "it is not accepted from 10.0.0.1"},
      {"what cannot be read lets nobody in", enrolled([](auto& one) { one.key_options = "no-such-option"; }), here,
       "internal", "its options cannot be read: there is no option \"no-such-option\""},
  };
  for (const auto& one : cases) {
    CAPTURE(one.what);
    const auto admitted = admission(one.enrolled, one.there, {});
    CHECK((admitted ? "" : code_of(admitted.error().reason)) == one.code);
    CHECK((admitted ? "" : admitted.error().detail) == one.detail);
  }
}

TEST_CASE("admission: what somebody may do, and for how long") {
  const store::EnrolledKey enrolled{.user = 1,
                                    .key = 2,
                                    .user_name = "alice",
                                    .fingerprint = "SHA256:A",
                                    .role = store::Role::admin,
                                    .key_options = "no-pty",
                                    .key_expires_at = 200,
                                    .max_session = 60};
  const auto admitted = admission(enrolled, {"10.0.0.1", 100},
                                  {.limits = {.idle = std::chrono::seconds(5), .total = std::chrono::seconds(7)}});
  REQUIRE(admitted);
  CHECK(admitted->user == 1);
  CHECK(name_of(admitted->credential) == "SHA256:A");
  CHECK(admitted->role == store::Role::admin);
  CHECK(admitted->limits == Lifetime::Limits{.idle = std::chrono::seconds(5), .total = std::chrono::seconds(60)});
  CHECK(admitted->until == 200);
}

TEST_CASE("standing: whoever would not be let in is told what has happened") {
  AdmissionWorld world;
  CHECK(world.standing() == "");
  CHECK(world.standing(SmallWorld::kNow + 10) == "key_expired");

  must(world.users.disable(world.alice.user, SmallWorld::kNow));
  CHECK(world.standing() == "user_disabled");
  must(world.users.enable(world.alice.user));
  CHECK(world.standing() == "");

  CHECK(must(world.keys.remove(world.alice.user, "SHA256:A")));
  CHECK(world.standing() == "key_removed");

  must(world.users.remove(world.alice.user));
  CHECK(world.standing() == "user_removed");
}

TEST_CASE("standing: a new user of the same name is somebody else") {
  AdmissionWorld world;
  must(world.users.remove(world.alice.user));
  world.user("alice");
  world.key("alice", "A");
  CHECK(world.standing() == "user_removed");
}

TEST_CASE("standing: one's own container is lost when it is removed") {
  AdmissionWorld world;
  const auto web = world.container("alice", "web", "be1", "10.0.3.100");
  CHECK(world.access(web, "web") == "");
  must(world.containers.remove(web));
  CHECK(world.access(web, "web") == "container web was removed");
}

TEST_CASE("standing: another one's container is open as long as it is shared") {
  AdmissionWorld world;
  const auto web = world.container("bob", "web", "be1", "10.0.3.100");
  must(world.shares.add(web, world.alice.user, SmallWorld::kNow + 10));
  CHECK(find_access(world.containers, world.alice, web, "bob/web", SmallWorld::kNow) == SmallWorld::kNow + 10);
  CHECK(world.access(web, "bob/web", SmallWorld::kNow + 10) == "container bob/web is no longer shared with you");
  CHECK(must(world.shares.remove(web, world.alice.user)));
  CHECK(world.access(web, "bob/web") == "container bob/web is no longer shared with you");
  must(world.containers.remove(web));
  CHECK(world.access(web, "bob/web") == "container bob/web was removed");
}

TEST_CASE("admission: with a password, what is said of the user holds") {
  const Circumstances here{"10.0.0.1", 100};
  const store::Password password{.id = 7, .hash = "hash"};
  const auto code_of_it = [&](const store::User& user, const std::optional<Identity>& before = std::nullopt) {
    const auto in = admission(user, password, before, here, {});
    return in ? std::string_view("in") : code_of(in.error().reason);
  };
  const store::User alice{.id = 1, .name = "alice"};
  const auto with = [&](auto change) {
    auto user = alice;
    change(user);
    return user;
  };
  const auto for_pin = with([](auto& user) { user.options = "verify-required"; });
  CHECK(code_of_it(alice) == "in");
  CHECK(code_of_it(with([](auto& user) { user.disabled_at = 1; })) == "user_disabled");
  CHECK(code_of_it(with([](auto& user) { user.options = "from=\"10.9.0.0/16\""; })) == "source_refused");
  CHECK(code_of_it(with([](auto& user) { user.options = "expiry-time=\"19700101000140Z\""; })) == "key_expired");
  CHECK(code_of_it(with([](auto& user) { user.options = "no-such-option"; })) == "internal");
  CHECK(code_of_it(with([](auto& user) { user.auth = "no-such-way"; })) == "internal");
  // A password is no security key, and welcome beside one.
  CHECK(code_of_it(for_pin) == "more_is_needed");
  Identity key{.user = 1, .name = "alice"};
  key.credential = KeyCredential{.key = 1, .fingerprint = "SHA256:A"};
  CHECK(code_of_it(for_pin, key) == "in");
  Identity typed{.user = 1, .name = "alice"};
  typed.credential = PasswordCredential{.password = 7};
  CHECK(code_of_it(for_pin, typed) == "more_is_needed");
}

TEST_CASE("admission: whoever came with a password stays as long as it is theirs") {
  AdmissionWorld world;
  world.needs("password");
  must(world.passwords.set(world.alice.user, "hash", false, 1));
  world.alice.credential = PasswordCredential{.password = must(world.passwords.of_user(world.alice.user))->id};
  CHECK(world.standing().empty());
  must(world.passwords.set(world.alice.user, "hash", false, 2));
  CHECK(world.standing() == "password_changed");
  world.alice.credential = PasswordCredential{.password = must(world.passwords.of_user(world.alice.user))->id};
  CHECK(world.standing().empty());
  world.needs("publickey");
  CHECK(world.standing() == "more_is_needed");
  world.needs("password");
  must(world.passwords.remove(world.alice.user));
  CHECK(world.standing() == "password_changed");
}

TEST_CASE("admission: a key and a password together, in whichever order they were shown") {
  AdmissionWorld world;
  world.needs("publickey+password");
  must(world.passwords.set(world.alice.user, "hash", false, 1));
  CHECK(world.standing() == "more_is_needed");
  const Credential typed = PasswordCredential{.password = must(world.passwords.of_user(world.alice.user))->id};
  auto by_password = world.alice;
  by_password.credential = typed;
  for (const auto& both : {together(world.alice, by_password), together(by_password, world.alice)}) {
    CHECK(name_of(both.credential) == "SHA256:A");
    REQUIRE(both.before.size() == 1);
    CHECK(name_of(both.before.front()) == "password");
    auto here = world.alice;
    here.before = both.before;
    world.alice = here;
    CHECK(world.standing().empty());
    world.alice.before.clear();
  }
}

}  // namespace bastion::access
