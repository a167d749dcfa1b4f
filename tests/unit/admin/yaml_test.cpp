// YAML as another way of writing JSON.
#include "bastion/admin/manifest/yaml.h"

#include <doctest/doctest.h>

#include <random>
#include <string>

#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;
using Json = nlohmann::json;
using Ordered = nlohmann::ordered_json;

Json again(const Ordered& document) {
  const auto text = to_yaml(document);
  CAPTURE(text);
  return must(parse_yaml(text));
}

// Bytes as people's names for things never are, with what means something to YAML more often than by chance.
std::string strange_text(std::mt19937& random) {
  static const std::string kAlphabet =
      std::string("\0\n\r\t \"'\\:#-?[]{},&*!|>%@`~ab01.\x7f", 33) + "\u00e9\u2028\u0085\ufeff";
  std::string text;
  for (auto length = random() % 12; length > 0; --length) {
    static const std::vector<std::string> kMore{"\u00e9", "\u2028", "\u0085", "\ufeff", "\U0001f511"};
    const auto pick = random() % 40;
    text += pick < kMore.size() ? kMore[pick] : std::string(1, kAlphabet[random() % 33]);
  }
  return text;
}

}  // namespace

TEST_CASE("YAML: plain words mean what they look like, and a text where that is nothing") {
  CHECK(
      must(parse_yaml("a: [1, -7, +3, true, False, null, ~, ]\nb:\nc: \"1\"\nd: '~'\ne: !!str 12\nf: {}")) ==
      Json::parse(R"({"a": [1, -7, 3, true, false, null, null], "b": null, "c": "1", "d": "~", "e": "12", "f": {}})"));
  CHECK(must(parse_yaml("[yes, 1.0, 2026-12-31, 0x10, 1e3, 10.0.3.1:22, .inf, 99999999999999999999]")) ==
        Json::parse(R"(["yes", "1.0", "2026-12-31", "0x10", "1e3", "10.0.3.1:22", ".inf", "99999999999999999999"])"));
  CHECK(must(parse_yaml("true: 1\n7: 2")) == Json::parse(R"({"true": 1, "7": 2})"));
  CHECK(must(parse_yaml("a: |\n  two\n  lines\nb: >-\n  one\n  line\n# the end\n")) ==
        Json::parse(R"({"a": "two\nlines\n", "b": "one line"})"));
  CHECK(must(parse_yaml("")) == Json(nullptr));
  CHECK(must(parse_yaml("---\na: 1\n...\n")) == Json::parse(R"({"a": 1})"));
}

TEST_CASE("YAML: what could mean more than it says is refused, with its place") {
  CHECK(refused(parse_yaml("a: &x [1]\nb: *x\n")) ==
        "line 2, column 4: references to other parts of the document are not taken: write it out");
  CHECK(refused(parse_yaml("a: !!int 3")) == "line 1, column 4: the tag tag:yaml.org,2002:int is not known here");
  CHECK(refused(parse_yaml("a: !ours {b: 1}")) == "line 1, column 4: the tag !ours is not known here");
  CHECK(refused(parse_yaml("a: 1\nb: 2\na: 3")) == "line 3, column 1: a is there twice");
  CHECK(refused(parse_yaml("[1]: 2")).ends_with("a key must be a text"));
  CHECK(refused(parse_yaml("? [a]\n: 2")).ends_with("a key must be a text"));
  CHECK(refused(parse_yaml("~: 2")).ends_with("a key must be a text"));
  CHECK(refused(parse_yaml("a: 1\n---\nb: 1\n")) == "there is more than one document");
  CHECK(refused(parse_yaml("a: [1\nb: 2")).starts_with("line 2, "));
  CHECK(refused(parse_yaml("a: b: c")).starts_with("line 1, "));
  for (const auto depth : {40UZ, 100'000UZ}) {
    std::string dashes;
    for (std::size_t i = 0; i < depth; ++i) dashes += "- ";
    CHECK(refused(parse_yaml(dashes + "1")).ends_with("this is nested too deeply"));
    CHECK(refused(parse_yaml(std::string(depth, '[') + std::string(depth, ']'))).ends_with("nested too deeply"));
  }
  CHECK_FALSE(parse_yaml(std::string(100'000, '[')));
  std::string laughs = "a: &a [ha, ha]\n";
  for (char c = 'b'; c < 'z'; ++c) laughs += fmt::format("{0}: &{0} [*{1}, *{1}]\n", c, static_cast<char>(c - 1));
  CHECK(refused(parse_yaml(laughs)).contains("references"));
}

TEST_CASE("YAML: what is written is read as the same") {
  const Ordered document{{"version", 1},
                         {"none", nullptr},
                         {"empty", Ordered::array()},
                         {"nothing", Ordered::object()},
                         {"flags", {true, false}},
                         {"nested", {{{"a", {1, {2, 3}}}, {"b", "x"}}, Ordered::object(), {{"c", nullptr}}}}};
  CHECK(again(document) == Json::parse(document.dump()));
  CHECK(to_yaml({{"users",
                  {{{"name", "alice"}, {"keys", {{{"key", "ssh-ed25519 AAAA x"}, {"expires", nullptr}}}}},
                   {{"name", "no"}, {"keys", Ordered::array()}}}}}) ==
        "users:\n"
        "  - name: alice\n"
        "    keys:\n"
        "      - key: \"ssh-ed25519 AAAA x\"\n"
        "        expires: null\n"
        "  - name: \"no\"\n"
        "    keys: []\n");
}

TEST_CASE("YAML: every text comes back as itself, and as a text") {
  for (const auto* text :
       {"",       " ",   "yes",        "No",       "ON",   "y",         "null", "~",      "NULL",   "true",
        "1",      "-1",  "+1",         "007",      "1.0",  "1e3",       "0x10", "0o7",    ".inf",   "-.Inf",
        ".nan",   "NaN", "2026-12-31", "a: b",     "a #b", "#a",        "- a",  "? a",    "[a]",    "{a}",
        "*a",     "&a",  "!a",         "%a",       "@a",   "`a",        "'a'",  "\"a\"",  "a\\b",   "two\nlines",
        "tab\t",  "\r",  " a ",        "=",        "<<",   "---",       "...",  "\u00e9", "\u2028", "\u0085",
        "\ufeff", "|",   ">",          "12:30:45", "a,b",  "alice+web", "x/y",  "e3"}) {
    CAPTURE(text);
    CHECK(again({{"k", text}}) == Json{{"k", text}});
    CHECK(again({{text, 1}}) == Json{{text, 1}});
    CHECK(again(Ordered::array({text})) == Json::array({text}));
    CHECK(again(Ordered(text)) == Json(text));
  }
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    const auto text = strange_text(random);
    CHECK(again({{text, Ordered::array({text})}}) == Json{{text, Json::array({text})}});
  }
}

}  // namespace bastion::admin
