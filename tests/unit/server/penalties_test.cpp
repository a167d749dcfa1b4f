#include "bastion/server/penalties.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace bastion::server {
namespace {

using enum session::Offence;
using std::chrono::seconds;

Network of(std::string_view text) { return Network::parse(text).value(); }

const config::PenaltyRules kRules{};  // those of a new installation: authfail 5, noauth 1, crash 90, min 15, max 600

// What a source does, second by second, and whether it is refused then.
struct Step {
  int at;
  std::optional<session::Offence> offence;
  bool refused;
};

void check_steps(const std::vector<Step>& steps) {
  Penalties penalties(kRules);
  for (const auto& step : steps) {
    CAPTURE(step.at);
    if (step.offence) std::ignore = penalties.punish(of("192.0.2.7"), *step.offence, seconds(step.at));
    CHECK(penalties.refuses(of("192.0.2.7"), seconds(step.at)) == step.refused);
  }
}

}  // namespace

TEST_CASE("penalties: they add up, and nobody is refused for min or less") {
  check_steps({{0, authfail, false}, {0, authfail, false}, {0, authfail, false}, {0, authfail, true}});
}

TEST_CASE("penalties: they pass, so that who fails now and then is never refused") {
  check_steps({{0, authfail, false},
               {5, authfail, false},
               {10, authfail, false},
               {15, authfail, false},
               {16, authfail, false},
               {17, authfail, false},
               {18, authfail, true}});
}

TEST_CASE("penalties: whoever is refused is refused until all of it has passed") {
  check_steps({{0, crash, true}, {60, std::nullopt, true}, {89, std::nullopt, true}, {90, std::nullopt, false}});
}

TEST_CASE("penalties: for as long again as it was refused, the next offence refuses a source at once") {
  check_steps({{0, crash, true},
               {90, std::nullopt, false},
               {150, noauth, true},
               {164, std::nullopt, true},
               {165, std::nullopt, false},  // `min`, of which all is known for as long again
               {179, noauth, true},
               {194, std::nullopt, false},
               {210, noauth, false}});
  check_steps({{0, crash, true}, {180, authfail, false}, {180, authfail, false}});
}

TEST_CASE("penalties: what is forgiven is not known either") {
  Penalties penalties(kRules);
  std::ignore = penalties.punish(of("192.0.2.7"), crash, seconds(0));
  std::ignore = penalties.forgive(of("0.0.0.0/0"));
  CHECK_FALSE(penalties.punish(of("192.0.2.7"), noauth, seconds(1)));
  std::ignore = penalties.punish(of("192.0.2.8"), crash, seconds(1));
  CHECK_FALSE(penalties.refuses(of("192.0.2.8"), seconds(92)));
  std::ignore = penalties.forgive(of("192.0.2.0/24"));  // not refused any more, but known
  CHECK_FALSE(penalties.punish(of("192.0.2.8"), noauth, seconds(92)));
}

TEST_CASE("penalties: one that was there before a restart is known as well") {
  Penalties penalties(kRules);
  penalties.restore(of("192.0.2.7"), {.cause = crash, .since = seconds(-50)}, seconds(40));
  CHECK(penalties.refuses(of("192.0.2.7"), seconds(39)));
  CHECK_FALSE(penalties.refuses(of("192.0.2.7"), seconds(40)));
  CHECK(penalties.punish(of("192.0.2.7"), noauth, seconds(129)));
}

TEST_CASE("penalties: there is a longest one") {
  check_steps({{0, crash, true},
               {0, crash, true},
               {0, crash, true},
               {0, crash, true},
               {0, crash, true},
               {0, crash, true},
               {0, crash, true},
               {599, std::nullopt, true},
               {600, std::nullopt, false}});
}

TEST_CASE("penalties: each cause has its own time, and the last one is the one that is named") {
  struct Row {
    session::Offence offence;
    int times;  // until it refuses
  };
  for (const auto& row : {Row{noauth, 16}, Row{authfail, 4}, Row{invaliduser, 4}, Row{max_auth_tries, 2},
                          Row{grace_exceeded, 2}, Row{crash, 1}}) {
    Penalties penalties(kRules);
    for (int i = 1; i < row.times; ++i) CHECK_FALSE(penalties.punish(of("192.0.2.7"), row.offence, seconds(0)));
    CHECK(penalties.punish(of("192.0.2.7"), row.offence, seconds(0)));
    REQUIRE(penalties.find(of("192.0.2.7")) != nullptr);
    CHECK(penalties.find(of("192.0.2.7"))->known.cause == row.offence);
    CHECK_FALSE(penalties.punish(of("192.0.2.7"), row.offence, seconds(0)));  // it was refused already
  }
}

TEST_CASE("penalties: one source's are no other's") {
  Penalties penalties(kRules);
  std::ignore = penalties.punish(of("192.0.2.7"), crash, seconds(0));
  std::ignore = penalties.punish(of("2001:db8::/64"), crash, seconds(0));
  CHECK(penalties.refuses(of("192.0.2.7"), seconds(1)));
  CHECK_FALSE(penalties.refuses(of("192.0.2.8"), seconds(1)));
  CHECK(penalties.refuses(of("2001:db8::/64"), seconds(1)));
  CHECK_FALSE(penalties.refuses(of("2001:db8:0:1::/64"), seconds(1)));
}

TEST_CASE("penalties: a flood from everywhere takes a bounded room, and none from the other kind of addresses") {
  auto rules = kRules;
  rules.max_sources = 3;
  Penalties penalties(rules);
  std::ignore = penalties.punish(of("192.0.2.7"), crash, seconds(0));
  for (int i = 0; i < 1000; ++i) {
    std::ignore = penalties.punish(of(fmt::format("2001:db8:0:{:x}::/64", i)), crash, seconds(i % 7));
  }
  CHECK(penalties.size() == 4);
  CHECK(penalties.refuses(of("192.0.2.7"), seconds(7)));
}

TEST_CASE("penalties: in a full table the one that is over first makes room") {
  auto rules = kRules;
  rules.max_sources = 2;
  Penalties penalties(rules);
  std::ignore = penalties.punish(of("192.0.2.1"), crash, seconds(0));
  std::ignore = penalties.punish(of("192.0.2.2"), max_auth_tries, seconds(0));
  std::ignore = penalties.punish(of("192.0.2.3"), crash, seconds(0));
  CHECK(penalties.refuses(of("192.0.2.1"), seconds(1)));
  CHECK(penalties.refuses(of("192.0.2.3"), seconds(1)));
  CHECK(penalties.size() == 2);
}

TEST_CASE("penalties: or nobody comes in as long as it is full") {
  auto rules = kRules;
  rules.max_sources = 1;
  rules.overflow = config::PenaltyRules::Overflow::deny_all;
  Penalties penalties(rules);
  CHECK_FALSE(penalties.refuses(of("192.0.2.9"), seconds(0)));
  std::ignore = penalties.punish(of("192.0.2.1"), authfail, seconds(0));
  CHECK(penalties.refuses(of("192.0.2.9"), seconds(0)));
  CHECK_FALSE(penalties.punish(of("192.0.2.9"), crash, seconds(0)));
  CHECK_FALSE(penalties.refuses(of("192.0.2.9"), seconds(5)));
}

TEST_CASE("penalties: what is forgiven is over, and whoever was refused is named") {
  Penalties penalties(kRules);
  std::ignore = penalties.punish(of("192.0.2.1"), crash, seconds(0));
  std::ignore = penalties.punish(of("192.0.2.2"), authfail, seconds(0));
  std::ignore = penalties.punish(of("198.51.100.1"), crash, seconds(0));
  CHECK(penalties.forgive(of("192.0.2.0/24")) == std::vector{of("192.0.2.1")});
  CHECK(penalties.size() == 1);
  CHECK(penalties.refuses(of("198.51.100.1"), seconds(0)));
}

TEST_CASE("penalties: one that was there before refuses until it is over") {
  Penalties penalties(kRules);
  penalties.restore(of("192.0.2.1"), {.cause = authfail}, seconds(30));
  CHECK(penalties.refuses(of("192.0.2.1"), seconds(29)));
  CHECK_FALSE(penalties.refuses(of("192.0.2.1"), seconds(30)));
}

TEST_CASE("penalties: without any nobody is refused, and a time of nothing is none") {
  auto rules = kRules;
  rules.enabled = false;
  Penalties penalties(rules);
  CHECK_FALSE(penalties.punish(of("192.0.2.1"), crash, seconds(0)));
  CHECK_FALSE(penalties.refuses(of("192.0.2.1"), seconds(0)));
  rules.enabled = true;
  rules.crash = seconds(0);
  penalties.apply(rules);
  CHECK_FALSE(penalties.punish(of("192.0.2.1"), crash, seconds(0)));
  CHECK(penalties.size() == 0);
  rules.enabled = false;
  std::ignore = penalties.punish(of("192.0.2.1"), authfail, seconds(0));
  penalties.apply(rules);
  CHECK(penalties.size() == 0);
}

}  // namespace bastion::server
