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

TEST_CASE("node messages: what is not understood is no question") {
  for (const auto* line :
       {"", "{}", "[]", R"({"ask":"more"})", R"({"ask":"effects"})", R"({"ask":"effects","entry":1,"effects":[1]})",
        R"({"ask":"effects","entry":1,"effects":["{}"]})", R"({"ask":7})"}) {
    CAPTURE(line);
    CHECK_FALSE(node_request_in(line));
  }
}

}  // namespace bastion::admin
