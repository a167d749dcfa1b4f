// JSON as people write it, and as terminals show it.
#include "bastion/admin/manifest/json.h"

#include <doctest/doctest.h>

#include <string>

#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;
using Json = nlohmann::json;

}  // namespace

TEST_CASE("JSON is read as the library would read it") {
  for (const auto* const text :
       {"{}", "[]", "7", "null",
        R"({"a": [1, -7, 1.5, 1e308, true, false, null, "\u00e9\ud83d\udd11\u0000"], "b": {"a": {}}})",
        "18446744073709551615", "99999999999999999999", " [ [ ] , { } ] "}) {
    CAPTURE(text);
    CHECK(must(parse_json(text)) == Json::parse(text));
  }
}

TEST_CASE("JSON: what is wrong has its place in the text, and in the document") {
  CHECK(refused(parse_json(R"({"version":1,"users":[{"name":"a","idle_timeout":1e309}]})")) ==
        "line 1, column 54: users[0], idle_timeout: 1e309 is too large for a number");
  CHECK(refused(parse_json("-1e999")) == "line 1, column 6: -1e999 is too large for a number");
  CHECK(refused(parse_json("{\"a\": [\n [0, {\"b\": 1, \"b\": 2}]]}")) ==
        "line 2, column 17: a[0][1], b: b is there twice");
  CHECK(refused(parse_json("{\"a\": 1, \"b\": {\"a\": 1},\n\"a\": 2}")) == "line 2, column 3: a: a is there twice");
  CHECK(refused(parse_json("{")) ==
        "this is no JSON document: parse error at line 1, column 2: syntax error while parsing object key - unexpected "
        "end "
        "of input; expected string literal");
  for (const auto* const wrong :
       {"", "nan", "[1,]", "01", "'a'", "{1: 2}", "\"\\ud800\"", "\"\xff\"", "[1] [2]", "\"\x01\""}) {
    CAPTURE(wrong);
    CHECK(refused(parse_json(wrong)).starts_with("this is no JSON document: parse error at line 1, column "));
  }
}

TEST_CASE("JSON: what was read last is not said again, however long it is") {
  CHECK(refused(parse_json("[\"" + std::string(1'000'000, 'x'))).size() < 300);
  CHECK(refused(parse_json("[" + std::string(1'000'000, 'x'))).size() < 300);
}

TEST_CASE("JSON: what is nested as nobody would nest it is refused, early") {
  for (const auto depth : {33, 1'000, 1'000'000}) {
    CHECK(refused(parse_json(std::string(static_cast<std::size_t>(depth), '['))) == "line 1, column 33: " + [] {
      std::string where;
      for (int i = 0; i < 32; ++i) where += "[0]";
      return where;
    }() + ": this is nested too deeply");
  }
}

TEST_CASE("JSON is written without control characters, and is always UTF-8") {
  const nlohmann::ordered_json value{{"a\x1b", "\x7f\xc2\x9b\u202e\xc2\xa0\u00e9"}, {"b", "\xff"}};
  CHECK(json_text(value) == "{\"a\\u001b\":\"\\u007f\\u009b\\u202e\u00a0\u00e9\",\"b\":\"\ufffd\"}");
  CHECK(Json::parse(json_text(value, 2))["a\x1b"] == "\x7f\xc2\x9b\u202e\xc2\xa0\u00e9");
}

}  // namespace bastion::admin
