#include "bastion/record/asciicast.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "bastion/record/utf8_text.h"

namespace bastion::record {
namespace {

std::string text_after(std::initializer_list<std::string_view> packets) {
  Utf8Text utf8;
  std::string json = "\"";
  for (const auto packet : packets) utf8.append(packet, json);
  utf8.finish(json);
  return nlohmann::json::parse(json + '"').get<std::string>();
}

}  // namespace

TEST_CASE("what a terminal shows is text of JSON, whatever it is") {
  CHECK(text_after({"plain"}) == "plain");
  CHECK(text_after({"a\"b\\c\x1b[0m\r\n\t\x7f", std::string_view("\0", 1)}) ==
        std::string("a\"b\\c\x1b[0m\r\n\t\x7f\0", 14));
  CHECK(text_after({"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"}) == "café € 😀");
}

TEST_CASE("a character that is split between packets is one") {
  CHECK(text_after({"\xf0", "\x9f\x98", "\x80!"}) == "😀!");
  CHECK(text_after({"\xe2\x82", "\xac"}) == "€");
  Utf8Text utf8;
  std::string json;
  utf8.append("a\xe2\x82", json);
  CHECK(json == "a");
  CHECK_FALSE(utf8.is_complete());
}

TEST_CASE("what is no UTF-8 is replaced, and what follows is not lost") {
  CHECK(text_after({"a\xff"
                    "b"}) ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(text_after({"\xe2\x82x"}) == "\xef\xbf\xbdx");
  CHECK(text_after({"\xe2", "x"}) == "\xef\xbf\xbdx");
  CHECK(text_after({"\xc0\xaf"}) == "\xef\xbf\xbd\xef\xbf\xbd");                  // overlong
  CHECK(text_after({"\xed\xa0\x80"}) == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");  // a surrogate
  CHECK(text_after({"\xf0\x9f"}) == "\xef\xbf\xbd");                              // never completed
}

TEST_CASE("a header says what it is a recording of, and is read again") {
  const Header header{
      .width = 120,
      .height = 40,
      .at = 1'700'000'000,
      .command = "make \"all\"",
      .terminal = "xterm",
      .subject = {
          .session = "bcdf2345", .number = 2, .user = "alice", .container = "alice/web", .from_host = "192.0.2.1"}};
  const auto line = line_of(header);
  CHECK(line.ends_with("}\n"));
  const auto json = nlohmann::json::parse(line);
  CHECK(json["version"] == 2);
  CHECK(json["width"] == 120);
  CHECK(json["height"] == 40);
  CHECK(json["timestamp"] == 1'700'000'000);
  CHECK(json["env"]["TERM"] == "xterm");
  CHECK(json["title"] == "alice in alice/web (bcdf2345-2)");
  const auto again = parse_header(line);
  REQUIRE(again);
  CHECK(again->command == header.command);
  CHECK(again->subject.container == "alice/web");
  CHECK(again->subject.number == 2);
}

TEST_CASE("sizes that no terminal has are brought within bounds") {
  const auto json = nlohmann::json::parse(line_of({.width = 0, .height = 4'000'000'000}));
  CHECK(json["width"] == 80);
  CHECK(json["height"] == 1000);
  CHECK(text_of_size(0, 0) == "80x24");
}

TEST_CASE("an event is a line, and is read again") {
  std::string lines;
  append_event(std::chrono::microseconds(1'500'000), Kind::output, "a\\r\\n", lines);
  append_event(std::chrono::microseconds(-3), Kind::resize, "100x30", lines);
  CHECK(lines == "[1.500000, \"o\", \"a\\r\\n\"]\n[0.000000, \"r\", \"100x30\"]\n");
  const auto event = parse_event("[1.500000, \"o\", \"a\\r\\n\"]\n");
  REQUIRE(event);
  CHECK(event->at.count() == 1'500'000);
  CHECK(event->kind == Kind::output);
  CHECK(event->data == "a\r\n");
}

TEST_CASE("what is no event of ours is none") {
  for (const auto* const line :
       {"", "[]", "{}", "[1, \"o\"]", "[\"1\", \"o\", \"a\"]", "[1, \"x\", \"a\"]", "[-1, \"o\", \"a\"]",
        "[1e300, \"o\", \"a\"]", "[1, \"o\", 2]", "[1, \"oo\", \"a\"]"}) {
    CAPTURE(line);
    CHECK_FALSE(parse_event(line));
  }
  CHECK_FALSE(parse_header("{\"version\": 2}"));
  CHECK_FALSE(parse_header("nonsense"));
}

}  // namespace bastion::record
