#include "bastion/probe/explain.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/access/target.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/connection/message.h"
#include "bastion/probe/explanation.h"
#include "store/backends.h"
#include "store/keys.h"
#include "store/reader.h"
#include "store/users.h"
#include "tests/support/loopback_sshd.h"
#include "tests/support/run_until.h"
#include "tests/support/small_world.h"
#include "tests/support/upstream_world.h"

namespace bastion::probe {
namespace {

using test::must;
using Steps = std::vector<std::string>;

// Alice has a container web on be1, and a key K1. Both the backend and the container answer, and take the bastion's
// key.
struct ExplainWorld : test::UpstreamWorld {
  ExplainWorld() {
    hop.behind = &web;
    hop.accepts = identity.keys.front().public_key();
    web.accepts = identity.keys.front().public_key();
    user("alice");
    key("alice", "K1");
    backend_at("be1", hop);
    container("alice", "web", "be1", "10.0.3.100");
  }

  Explanation explains(Explanation::Question question) {
    auto task = explain(std::move(question), *reader, defaults, credentials, *pool);
    task.start([] {});
    test::run_until(loop, [&] { return task.done(); });
    return task.take();
  }
  // Of somebody who types this before the @.
  Explanation explains(std::string_view typed) { return explains({.target = *access::parse_target(typed)}); }
  // The same with one key, or from one place.
  Explanation explains_key(std::string_view typed, std::string fingerprint) {
    return explains({.target = *access::parse_target(typed), .fingerprint = std::move(fingerprint)});
  }
  Explanation explains_from(std::string_view typed, std::string host) {
    return explains({.target = *access::parse_target(typed), .from_host = std::move(host)});
  }
  void key_with(std::string_view user, const std::string& key, const std::string& options) {
    must(keys.add(id_of(user), {.blob = test::blob(key),
                                .fingerprint = "SHA256:" + key,
                                .comment = "laptop",
                                .added_at = kNow,
                                .options = options}));
  }
  [[nodiscard]] std::string at_hop() const { return hop.address().text(); }

  access::Defaults defaults;
  std::unique_ptr<store::Reader> reader = must(store::Reader::open(file));
  test::LoopbackSshd far{loop};  // what is behind be1 in place of the container, where a test says so
  test::LoopbackSshd web{loop};
  test::LoopbackSshd hop{loop};
};

// `name: what` for what went well, `name fails: what` for where it stopped.
Steps steps_of(const Explanation& explanation) {
  Steps steps;
  for (const auto& step : explanation.steps) steps.push_back(step.name + (step.good ? ": " : " fails: ") + step.what);
  return steps;
}

// Where it stops, and that nothing comes after it.
std::string stop_of(const Explanation& explanation) {
  REQUIRE_FALSE(explanation.steps.empty());
  for (std::size_t i = 0; i + 1 < explanation.steps.size(); ++i) CHECK(explanation.steps[i].good);
  return steps_of(explanation).back();
}

}  // namespace

TEST_CASE("explain: a login that works passes every step, in order") {
  ExplainWorld world;
  const auto explanation = world.explains("alice");
  CHECK(steps_of(explanation) == Steps{"user: alice, enabled, role user, needs publickey (as configured)",
                                       "key: SHA256:K1", "options: none: everything is allowed",
                                       "route: be1 > alice/web at 10.0.3.100:22 as alice",
                                       "hop be1: logged in to " + world.at_hop() + " as hop",
                                       "container: 10.0.3.100:22 answers", "login: logged in as alice"});
  CHECK_FALSE(explanation.denied);
  CHECK_FALSE(explanation.end);
  CHECK(world.web.logins() == 1);

  // It leaves the container alone, and the hop to those who come next.
  test::run_until(world.loop, [&] { return world.web.open_connections() == 0; });
  CHECK(world.hop.open_connections() == 1);
  CHECK_FALSE(world.explains("alice+web").end);
  CHECK(world.hop.connections() == 1);
  CHECK(world.web.connections() == 2);
}

TEST_CASE("explain: what the account needs is said with the setting that says so") {
  ExplainWorld world;
  world.defaults.needs_of_roles[store::Role::operator_] = *parse_requirement("certificate");
  auto alice = must(world.users.get("alice"));
  const auto said = [&](store::Role role) {
    alice.role = role;
    must(world.users.update(alice));
    return steps_of(world.explains("alice")).front();
  };
  CHECK(said(store::Role::operator_) ==
        "user: alice, enabled, role operator, needs certificate (as configured by auth_operator)");
  CHECK(said(store::Role::auditor) == "user: alice, enabled, role auditor, needs publickey (as configured)");
  CHECK_FALSE(world.explains("alice").denied);
  alice.auth = "publickey+publickey";
  CHECK(said(store::Role::operator_) ==
        "user: alice, enabled, role operator, needs publickey+publickey (user set --auth)");
  CHECK(world.explains("alice").denied);
}

TEST_CASE("explain: a hop that others use will do, and none is dialled beside it") {
  ExplainWorld world;
  auto be1 = must(world.backends.get("be1"));
  const access::Hop hop{
      .backend = be1.id, .name = be1.name, .host = be1.host, .port = be1.port, .account = be1.account};
  auto reached = world.pool->reach({hop}, upstream::Use::terminal);
  reached.start([] {});
  test::run_until(world.loop, [&] { return reached.done(); });
  const auto typed = (*reached.take())->open({"10.0.3.100", 22}, upstream::Use::terminal);
  CHECK_FALSE(world.explains("alice").end);
  CHECK(world.hop.connections() == 1);
}

TEST_CASE("explain: without a hop the container is asked directly") {
  ExplainWorld world;
  world.backend("near", {}, store::RouteKind::direct);
  world.user("bob");
  world.key("bob", "K2");
  world.container("bob", "db", "near", "127.0.0.1", world.web.address().port);
  const auto explanation = world.explains("bob");
  const auto at = world.web.address().text();
  CHECK(steps_of(explanation) == Steps{"user: bob, enabled, role user, needs publickey (as configured)",
                                       "key: SHA256:K2", "options: none: everything is allowed",
                                       "route: bob/db at " + at + " as bob", "container: " + at + " answers",
                                       "login: logged in as bob"});
  CHECK(world.hop.connections() == 0);
}

TEST_CASE("explain: whoever would not be let in is denied, and nothing is dialled") {
  ExplainWorld world;
  const auto stranger = world.explains("mallory");
  CHECK(steps_of(stranger) == Steps{"user fails: there is no user mallory"});
  CHECK(stranger.denied == "there is no user mallory");
  CHECK(stranger.methods == "publickey");
  CHECK_FALSE(stranger.end);  // strangers read nothing

  const auto other_key = world.explains_key("alice", "SHA256:K9");
  CHECK(steps_of(other_key) == Steps{"user: alice, enabled, role user, needs publickey (as configured)",
                                     "key fails: user alice has no key SHA256:K9"});
  CHECK(other_key.denied == "user alice has no key SHA256:K9");
  CHECK_FALSE(other_key.end);

  world.user("bob");
  CHECK(stop_of(world.explains("bob")) == "key fails: user bob has no key");
  must(world.users.disable(world.id_of("alice"), test::SmallWorld::kNow));
  CHECK(stop_of(world.explains("alice")) == "user fails: user alice is disabled");
  CHECK(world.hop.connections() == 0);
}

TEST_CASE("explain: the first key that would be accepted is named, with its options") {
  ExplainWorld world;
  world.user("bob");
  world.key("bob", "K2", test::SmallWorld::kNow);
  CHECK(stop_of(world.explains("bob")) == "key fails: key SHA256:K2: it has expired");

  world.key_with("bob", "K3", R"(from="10.1.1.0/24",no-pty)");
  CHECK(stop_of(world.explains_from("bob", "10.9.9.9")) ==
        "key fails: key SHA256:K2: it has expired; key SHA256:K3: it is not accepted from 10.9.9.9");
  CHECK(steps_of(world.explains_from("bob", "10.1.1.9")) ==
        Steps{"user: bob, enabled, role user, needs publickey (as configured)", "key: SHA256:K3 (laptop)",
              R"(options: of the key: from="10.1.1.0/24",no-pty)", "route fails: you have no container yet"});
  CHECK(world.explains("bob").steps.at(2).what.ends_with("; not from everywhere: say from where"));
}

TEST_CASE("explain: without a container of that name it stops at the route, with what the user would read") {
  ExplainWorld world;
  const auto unknown = world.explains("alice+db");
  CHECK(stop_of(unknown) == "route fails: you have no container named db");
  REQUIRE(unknown.end);
  CHECK(unknown.end->reason == Reason::container_not_found);
  CHECK_FALSE(unknown.denied);

  world.container("alice", "db", "be1", "10.0.3.101");
  CHECK(stop_of(world.explains("alice")) ==
        "route fails: you have several containers; name one: ssh alice+db@... (db, web)");
  CHECK(stop_of(world.explains("alice+db")) == "login: logged in as alice");
}

TEST_CASE("explain: an unreachable backend is where it stops, however far it is") {
  ExplainWorld world;
  world.hop.behind = &world.far;
  world.far.stop_listening();  // it can be reached through be1 only
  world.backend_at("far", world.far, "be1");
  world.user("bob");
  world.key("bob", "K2");
  world.container("bob", "db", "far", "10.0.3.101");

  world.far.accepts = test::some_key().public_key();
  const auto refused = world.explains("bob");
  CHECK(stop_of(refused) == "hop far fails: backend far rejects the bastion's key");
  CHECK(refused.steps.at(refused.steps.size() - 2).name == "hop be1");

  world.hop.stop_listening();
  world.pool.emplace(world.credentials, world.settings);
  const auto unreachable = world.explains("bob");
  CHECK(stop_of(unreachable) == "hop be1 fails: backend be1 is unreachable");
  REQUIRE(unreachable.end);
  CHECK(unreachable.end->reason == Reason::backend_unreachable);
  CHECK(unreachable.end->detail.contains(world.at_hop()));  // for the administrator
  CHECK_FALSE(unreachable.denied);
}

TEST_CASE("explain: the container itself may be unreachable, another one, or not take the bastion's key") {
  ExplainWorld world;
  world.hop.opens = false;
  const auto unreachable = world.explains("alice");
  CHECK(stop_of(unreachable) == "container fails: container web is unreachable; is it running?");
  REQUIRE(unreachable.end);
  CHECK(unreachable.end->detail == "Connection refused");

  using connection::OpenFailureCode;
  for (const auto& [code, reason] :
       {std::pair{OpenFailureCode::administratively_prohibited, Reason::backend_forbids_forwarding},
        std::pair{OpenFailureCode::unknown_channel_type, Reason::backend_forbids_forwarding},
        std::pair{OpenFailureCode::resource_shortage, Reason::backend_exhausted},
        std::pair{static_cast<OpenFailureCode>(77), Reason::container_unreachable}}) {
    CAPTURE(code_of(reason));
    world.hop.refusal = code;
    const auto refused = world.explains("alice");
    REQUIRE(refused.end);
    CHECK(refused.end->reason == reason);
    CHECK(refused.end->detail.contains("Connection refused"));
  }

  world.hop.opens = true;
  world.web.accepts = test::some_key().public_key();
  CHECK(stop_of(world.explains("alice")) == "login fails: container web rejects the bastion's key");

  // Its host key was learned by that.
  world.web.change_host_key();
  CHECK(stop_of(world.explains("alice")) == "login fails: the host key of container web has changed");
  CHECK(world.hop.connections() == 1);
}

}  // namespace bastion::probe
