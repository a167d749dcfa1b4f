#include "bastion/window/run_request.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace bastion::window {

TEST_CASE("window run request: words, whether they are confirmed, and whose they are") {
  const auto plain = parse_run_request(R"({"words":["session","kill","a b"]})");
  REQUIRE(plain.has_value());
  CHECK(plain->words == std::vector<std::string>{"session", "kill", "a b"});
  CHECK_FALSE(plain->is_confirmed);
  CHECK_FALSE(plain->is_own);
  const auto both = parse_run_request(R"({"me":true,"confirmed":true,"words":[]})");
  REQUIRE(both.has_value());
  CHECK(both->is_confirmed);
  CHECK(both->is_own);
}

TEST_CASE("window run request: what is none says why") {
  std::string many = R"({"words":["a")";
  for (std::size_t i = 0; i < kMostWords; ++i) many += R"(,"a")";
  for (const auto& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("{}"), std::string(R"({"words":"a"})"),
        std::string(R"({"words":[1]})"), std::string(R"({"words":[["a"]]})"), std::string(R"({"words":["a\u0000b"]})"),
        std::string(R"({"words":[],"confirmed":1})"), std::string(R"({"words":[],"more":true})"),
        std::string("{\"words\":[\"\xff\"]}"), std::string(R"({"words":[]} x)"), std::string(60'000, '['),
        many + "]}"}) {
    CAPTURE(body.substr(0, 40));
    const auto request = parse_run_request(body);
    REQUIRE_FALSE(request.has_value());
    CHECK_FALSE(request.error().text.empty());
  }
}

}  // namespace bastion::window
