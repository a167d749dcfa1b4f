#include "bastion/window/answers.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace bastion::window {

using nlohmann::json;

constexpr std::string_view kHostile = "</script><img src=x onerror=alert(1)>\"'\x1b[31m";

TEST_CASE("window answers: who looks, and the commands they may give") {
  const auto who =
      json::parse(who_text({.bastion = "here", .version = "1.2.3"}, {kHostile, "abc"}, store::Role::auditor));
  CHECK(who["user"] == kHostile);
  CHECK(who["role"] == "auditor");
  CHECK(who["session"] == "abc");
  CHECK(who["bastion"] == "here");
  CHECK(who["version"] == "1.2.3");
  const auto may = [](store::Role role, std::string_view words) {
    const auto all = commands_of(role);
    return std::ranges::find(all, words) != all.end();
  };
  CHECK(may(store::Role::auditor, "session list"));
  CHECK(may(store::Role::auditor, "me key list"));
  CHECK_FALSE(may(store::Role::auditor, "session kill"));
  CHECK(may(store::Role::operator_, "session kill"));
  CHECK_FALSE(may(store::Role::operator_, "ban add"));
  CHECK(may(store::Role::admin, "ban add"));
  CHECK_FALSE(may(store::Role::user, "session list"));
  CHECK(may(store::Role::user, "me session list"));
}

TEST_CASE("window answers: what came of a command") {
  const auto done =
      json::parse(run_text({.status = admin::Status::done, .out = "[{\"id\":\"a\"}]\n", .err = ""}, true));
  CHECK(done["status"] == 0);
  CHECK(done["output"][0]["id"] == "a");
  CHECK(done["text"] == "");
  CHECK(done["error"] == "");
  const auto refused = json::parse(run_text({.status = admin::Status::refused,
                                             .out = "",
                                             .err = std::string(kHostile) + "\n",
                                             .question = "Remove bob? (y/N) "},
                                            true));
  CHECK(refused["status"] == 1);
  CHECK(refused["output"].is_null());
  CHECK(refused["error"] == kHostile);
  CHECK(refused["question"] == "Remove bob? (y/N) ");
  const auto help = json::parse(run_text({.status = admin::Status::done, .out = "{not json\n", .err = ""}, false));
  CHECK(help["output"].is_null());
  CHECK(help["text"] == "{not json\n");
}

TEST_CASE("window answers: an event is a document on one line") {
  CHECK(event_text("snapshot", "{\n  \"a  b\": [\n    1\n  ]\n}\n") == "event: snapshot\ndata: {\"a  b\": [1]}\n\n");
  const auto hostile = json(std::string(kHostile) + "\n\ndata: {}\n  x").dump(2);
  CHECK(event_text("snapshot", hostile) == "event: snapshot\ndata: " + hostile + "\n\n");
}

TEST_CASE("window answers: only what asks for a yes is given one") {
  CHECK(can_be_confirmed({"user", "remove", "bob"}));
  CHECK_FALSE(can_be_confirmed({"session", "kill", "a"}));
  CHECK_FALSE(can_be_confirmed({"user", "removed"}));
  CHECK_FALSE(can_be_confirmed({}));
}

TEST_CASE("window answers: everything says who may use it, and is kept by nobody") {
  for (const auto& response :
       {page({.name = "a.js", .content = "x"}), json_response("{}"), refusal({http::Status::forbidden, "no\n"})}) {
    const auto text = http::text_of(response, true, http::Behind::goes_on);
    CHECK(text.contains("\r\nContent-Security-Policy: default-src 'none'; "));
    CHECK(text.contains("\r\nX-Content-Type-Options: nosniff\r\n"));
    CHECK(text.contains("\r\nReferrer-Policy: no-referrer\r\n"));
    CHECK(text.contains("\r\nCache-Control: no-store\r\n"));
    CHECK(text.contains("\r\nCross-Origin-Resource-Policy: same-origin\r\n"));
    CHECK(text.contains("; script-src 'self'; "));
    CHECK_FALSE(text.contains("Access-Control"));
  }
  const auto html = http::text_of(page({.name = "index.html", .content = "x"}), true, http::Behind::closes);
  CHECK(html.contains("; script-src 'self' 'wasm-unsafe-eval'; "));
  CHECK(page({.name = "a.js", .content = "x"}).type == "text/javascript; charset=utf-8");
}

TEST_CASE("window answers: the files are there, of types that browsers are told") {
  REQUIRE(find_asset("index.html") != nullptr);
  for (const auto& asset : assets()) {
    CAPTURE(asset.name);
    CHECK_FALSE(asset.content.empty());
    CHECK(type_of(asset.name) != "application/octet-stream");
    CHECK(std::ranges::count(assets(), asset.name, &Asset::name) == 1);
  }
  CHECK(find_asset("") == nullptr);
}

}  // namespace bastion::window
