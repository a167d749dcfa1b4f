#include "bastion/admin/node_messages.h"

#include <doctest/doctest.h>

namespace bastion::admin {

TEST_CASE("node messages: what is asked of another bastion is what it reads") {
  CHECK(std::holds_alternative<PeerSessions>(node_request_in(line_of(NodeRequest(PeerSessions{}))).value()));
  const SessionEffects all{
      .ends = {"a", "b"},
      .vacated = access::ContainerPlace{.container = 1, .backend = 2, .address = "10.0.0.1", .port = 22},
      .end = {Reason::killed, "x", {}},
      .bans = BanEffects{.lifted = Network::parse("192.0.2.0/24").value()}};
  const auto read = node_request_in(line_of(NodeRequest(node_effects(7, all))));
  REQUIRE(read);
  const auto& asked = std::get<NodeEffects>(*read);
  CHECK(asked.number == 7);
  REQUIRE(asked.effects.size() == 3);
  CHECK(std::get<PeerEnd>(asked.effects[0]).sessions == all.ends);
  CHECK(std::get<PeerEnd>(asked.effects[0]).end.reason == Reason::killed);
  CHECK(std::get<PeerVacate>(asked.effects[1]).place.address == "10.0.0.1");
  CHECK(std::get<PeerBans>(asked.effects[2]).lifted->text() == "192.0.2.0/24");
  CHECK(node_effects(7, {}).effects.empty());
}

TEST_CASE("node messages: a login that is to be explained, and what came of it") {
  const NodeExplanation asked{.question = {.target = {.user = "alice", .owner = "bob", .container = "web"},
                                           .from_host = "192.0.2.1",
                                           .fingerprint = std::nullopt}};
  const auto read = node_request_in(line_of(NodeRequest(asked)));
  REQUIRE(read);
  const auto& question = std::get<NodeExplanation>(*read).question;
  CHECK(access::text_of(question.target) == "alice+bob/web");
  CHECK(question.from_host == "192.0.2.1");
  CHECK_FALSE(question.fingerprint);

  const probe::Explanation explanation{
      .steps = {{.name = "user", .what = "alice"},
                {.name = "hop", .what = "no", .took = std::chrono::milliseconds(12), .good = false}},
      .container = "bob/web",
      .denied = std::nullopt,
      .methods = "publickey,keyboard-interactive",
      .end = End{.reason = Reason::backend_unreachable, .subject = "b1", .detail = "refused", .said = "hello"}};
  const auto answer = explanation_in(line_of(explanation));
  REQUIRE(answer);
  REQUIRE(answer->steps.size() == 2);
  CHECK(answer->steps[0].good);
  CHECK(answer->steps[1].name == "hop");
  CHECK(answer->steps[1].took.count() == 12);
  CHECK_FALSE(answer->steps[1].good);
  CHECK(answer->container == "bob/web");
  CHECK_FALSE(answer->denied);
  CHECK(answer->methods == "publickey,keyboard-interactive");
  REQUIRE(answer->end);
  CHECK(full_text_of(*answer->end) == full_text_of(*explanation.end));
  CHECK(answer->end->said == "hello");
  CHECK(explanation_in(line_of(probe::Explanation{.steps = {}, .denied = "no"}))->denied == "no");
  CHECK_FALSE(explanation_in(""));
  CHECK_FALSE(explanation_in("{}"));
}

TEST_CASE("node messages: what is not understood is no question") {
  for (const auto* line :
       {"", "{}", "[]", R"({"ask":"more"})", R"({"ask":"effects"})", R"({"ask":"effects","entry":1,"effects":[1]})",
        R"({"ask":"effects","entry":1,"effects":["{}"]})", R"({"ask":7})", R"({"ask":"explanation"})"}) {
    CAPTURE(line);
    CHECK_FALSE(node_request_in(line));
  }
}

}  // namespace bastion::admin
