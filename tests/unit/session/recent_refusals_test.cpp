// Who was refused, as whoever looks now is told.
#include "bastion/session/recent_refusals.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

namespace bastion::session {
namespace {

const Arrival kArrival{.id = "mvmccbpz", .from_host = "10.1.0.9", .from_port = 4711};

}  // namespace

TEST_CASE("recent refusals: a stranger is named as the log names them, and told of in one line") {
  RecentRefusals recent([] { return std::int64_t{7}; });
  auth::Tried tried;
  tried.note({.user = "bob\x1b[2J\nroot", .method = "publickey", .key_type = "ssh-ed25519", .fingerprint = "SHA256:x"});
  tried.note({.user = "bob\x1b[2J\nroot", .method = "publickey", .key_type = "ssh-ed25519", .fingerprint = "SHA256:y"});
  recent.on_end(kArrival, {Reason::too_many_attempts, {}, "a\x1b]0;\x07"}, {.tried = &tried});
  const auto all = recent.latest();
  REQUIRE(all.size() == 1);
  CHECK(all[0] == Refusal{.at = 7,
                          .from = "10.1.0.9",
                          .user = R"(bob\x1b\x5b2J\x0aroot)",
                          .key = "SHA256:x",
                          .reason = "too_many_attempts",
                          .sentence = "has used up its tries (2 attempts, last by publickey; key SHA256:x and 1 more)",
                          .id = "mvmccbpz"});
}

TEST_CASE("recent refusals: who was denied and gave up has not just left") {
  RecentRefusals recent([] { return std::int64_t{7}; });
  auth::Tried tried;
  tried.note({.user = "bob", .method = "publickey", .key_type = "ssh-ed25519", .fingerprint = "SHA256:x"});
  recent.on_end(kArrival, {Reason::client_vanished, {}, {}}, {.tried = &tried});
  REQUIRE(recent.latest().size() == 1);
  CHECK(recent.latest()[0].sentence == "was denied and has left (1 attempt, last by publickey; key SHA256:x)");
}

TEST_CASE("recent refusals: of who has authenticated what was refused counts, and no other end does") {
  RecentRefusals recent([] { return std::int64_t{7}; });
  access::Identity alice;
  alice.name = "alice";
  for (const auto reason : {Reason::user_left, Reason::shutdown, Reason::killed, Reason::container_vanished,
                            Reason::invitation_taken, Reason::idle_timeout}) {
    recent.on_end(kArrival, {reason, {}, {}}, {.identity = &alice});
  }
  CHECK(recent.latest().empty());
  recent.on_end(kArrival, {Reason::backend_unreachable, "be1", "no route\nto host"}, {.identity = &alice});
  recent.on_left_without(kArrival, alice, "alice/web", {Reason::container_unreachable, "alice/web", {}});
  recent.on_refused_admin(kArrival, alice);
  const auto all = recent.latest();
  REQUIRE(all.size() == 3);
  CHECK(all[2].reason == "backend_unreachable");
  CHECK(all[2].sentence == "backend be1 is unreachable: no route to host");
  CHECK(all[2].user == "alice");
  CHECK(all[1].reason == "container_unreachable");
  CHECK(all[0].reason == "admin_refused");
}

TEST_CASE("recent refusals: whoever has named nobody is counted elsewhere, and so few are kept") {
  RecentRefusals recent;
  const auth::Tried nothing;
  recent.on_end(kArrival, {Reason::client_vanished, {}, {}}, {.tried = &nothing});
  CHECK(recent.latest().empty());
  for (std::size_t i = 0; i < RecentRefusals::kMost + 5; ++i) {
    recent.note(fmt::format("10.0.0.{}", i), "banned", "an administrator has banned the address");
  }
  const auto all = recent.latest();
  REQUIRE(all.size() == RecentRefusals::kMost);
  CHECK(all.front().from == fmt::format("10.0.0.{}", RecentRefusals::kMost + 4));
  CHECK(all.back().from == "10.0.0.5");
}

}  // namespace bastion::session
