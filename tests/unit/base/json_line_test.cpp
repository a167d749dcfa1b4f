#include "bastion/base/json_line.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "bastion/base/log_value.h"

namespace bastion {
namespace {

// Of the line, what another reader of JSON makes of it.
nlohmann::json read_json_line(std::string_view text) {
  const auto line = json_line("T", "info", text);
  REQUIRE(line.ends_with("}\n"));
  REQUIRE(line.find('\n') == line.size() - 1);
  return nlohmann::json::parse(line);
}

}  // namespace

TEST_CASE("a line of the log in JSON has the same fields") {
  CHECK(
      json_line("2026-11-27T20:31:15.123Z", "info", "login accepted id=7 user=alice port=22") ==
      R"({"time":"2026-11-27T20:31:15.123Z","level":"info","message":"login accepted","id":"7","user":"alice","port":"22"})"
      "\n");
}

TEST_CASE("a line in JSON: where fields begin, and what they are") {
  struct Case {
    std::string text;
    std::string message;
    nlohmann::json fields;
  };
  const auto cases = std::to_array<Case>({
      {"listening on 0.0.0.0:22", "listening on 0.0.0.0:22", {}},
      {"", "", {}},
      {"a=b", "", {{"a", "b"}}},
      {"said a=b and more", "said a=b and more", {}},
      {"said a=b and then c=d e=f", "said a=b and then", {{"c", "d"}, {"e", "f"}}},
      {"ended detail=\"two words, x=y\" n=1", "ended", {{"detail", "two words, x=y"}, {"n", "1"}}},
      {"ended detail=\"\" n=", "ended", {{"detail", ""}, {"n", ""}}},
      {"ended detail=\"a \\\"quote\\\" and \\\\ and \\x22\"", "ended", {{"detail", "a \"quote\" and \\ and \\x22"}}},
      {"ended detail=\"never closed", "ended detail=\"never closed", {}},
      {"ended detail=\"a\"b", "ended detail=\"a\"b", {}},
      {"x1=2 A=3 =4", "x1=2 A=3 =4", {}},
  });
  for (const auto& one : cases) {
    CAPTURE(one.text);
    auto read = read_json_line(one.text);
    CHECK(read.at("message") == one.message);
    read.erase("time");
    read.erase("level");
    read.erase("message");
    CHECK(read == (one.fields.is_null() ? nlohmann::json::object() : one.fields));
  }
}

TEST_CASE("a line in JSON: whatever a stranger has sent stays one value") {
  for (int byte = 0; byte < 256; ++byte) {
    const auto sent = std::string("x") + static_cast<char>(byte) + " user=root";
    const auto read = read_json_line(fmt::format("login denied user={} method=none", log_value(sent)));
    CHECK(read.size() == 5);
    CHECK(read.at("user") == log_value(sent));
    CHECK(read_json_line(fmt::format("container says text={:?}", sent)).size() == 4);
  }
  CHECK(read_json_line("\xff \xc3\xa4 \x01").at("message") == "\xef\xbf\xbd \xc3\xa4 \x01");
}

}  // namespace bastion
