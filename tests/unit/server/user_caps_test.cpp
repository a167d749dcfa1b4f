#include "bastion/server/user_caps.h"

#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>

#include "bastion/access/identity.h"

namespace bastion::server {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kAlice = 1;
constexpr std::int64_t kBob = 2;

std::optional<Reason> reason_of(const std::optional<End>& end) {
  return end ? std::optional(end->reason) : std::nullopt;
}

void ends(UserCaps& caps, std::int64_t user, const std::string& session) {
  const access::Identity identity{.user = user, .name = "somebody"};
  caps.on_end({.id = session, .from_host = "192.0.2.7"}, {Reason::user_left, {}, {}}, {.identity = &identity});
}

}  // namespace

TEST_CASE("user caps: sessions of the same user in other processes count too") {
  UserCaps caps({.sessions = 2});
  caps.count_elsewhere({{"alice", 1}});
  CHECK_FALSE(caps.begin(kAlice, "a", seconds(0), "alice").has_value());
  CHECK(reason_of(caps.begin(kAlice, "b", seconds(0), "alice")) == Reason::too_many_sessions);
  CHECK_FALSE(caps.begin(kBob, "c", seconds(0), "bob").has_value());
  CHECK(caps.sessions() == 2);
  caps.count_elsewhere({});
  CHECK_FALSE(caps.begin(kAlice, "b", seconds(0), "alice").has_value());
  ends(caps, kAlice, "a");
  ends(caps, kAlice, "a");
  CHECK(caps.sessions() == 2);
}

TEST_CASE("user caps: so many sessions of one user at a time, and those of others are their own") {
  UserCaps caps({.sessions = 2});
  CHECK_FALSE(caps.begin(kAlice, "a", seconds(0)));
  CHECK_FALSE(caps.begin(kAlice, "b", seconds(0)));
  CHECK(reason_of(caps.begin(kAlice, "c", seconds(0))) == Reason::too_many_sessions);
  CHECK_FALSE(caps.begin(kBob, "d", seconds(0)));
  ends(caps, kAlice, "c");  // it was refused: that makes no room
  CHECK(caps.begin(kAlice, "e", seconds(0)));
  ends(caps, kAlice, "a");
  CHECK_FALSE(caps.begin(kAlice, "f", seconds(0)));
  caps.limit({.sessions = 1});
  ends(caps, kAlice, "b");
  CHECK(caps.begin(kAlice, "g", seconds(0)));
  caps.limit({});
  CHECK_FALSE(caps.begin(kAlice, "h", seconds(0)));
}

TEST_CASE("user caps: so many logins within a minute") {
  UserCaps caps({.logins = 2});
  CHECK_FALSE(caps.begin(kAlice, "a", seconds(100)));
  ends(caps, kAlice, "a");
  CHECK_FALSE(caps.begin(kAlice, "b", seconds(130)));
  ends(caps, kAlice, "b");
  CHECK(reason_of(caps.begin(kAlice, "c", seconds(159))) == Reason::too_many_logins);
  CHECK_FALSE(caps.begin(kBob, "d", seconds(159)));
  CHECK_FALSE(caps.begin(kAlice, "e", seconds(160)));
  CHECK(caps.begin(kAlice, "f", seconds(161)));
}

}  // namespace bastion::server
