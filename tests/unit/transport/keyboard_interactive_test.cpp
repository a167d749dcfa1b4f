#include "bastion/transport/keyboard_interactive.h"

#include <doctest/doctest.h>

#include "bastion/base/wire_format.h"

namespace bastion::transport {
namespace {

ByteVector response(std::uint32_t count, const std::vector<std::string>& answers) {
  WireWriter out;
  out.u8(61).u32(count);
  for (const auto& answer : answers) out.string(std::string_view(answer));
  return out.take();
}

}  // namespace

TEST_CASE("keyboard-interactive: what is asked, as the RFC writes it") {
  const Questions questions{.name = "N", .instruction = "I", .prompts = {{"one: "}, {"two: ", Prompt::Echo::yes}}};
  WireWriter expected;
  expected.u8(60).string(std::string_view{"N"}).string(std::string_view{"I"}).string(std::string_view{}).u32(2);
  expected.string(std::string_view{"one: "}).boolean(false).string(std::string_view{"two: "}).boolean(true);
  CHECK(format_questions(questions) == expected.take());
}

TEST_CASE("keyboard-interactive: there are as many answers as questions, and none is endless") {
  CHECK(parse_answers(response(1, {"123456"}), 1).value() == Answers{"123456"});
  CHECK(parse_answers(response(2, {"", "b"}), 2).value() == Answers{"", "b"});
  CHECK(parse_answers(response(0, {}), 0).value().empty());
  CHECK(parse_answers(response(1, {std::string(kLongestAnswer, 'x')}), 1));
  CHECK_FALSE(parse_answers(response(1, {std::string(kLongestAnswer + 1, 'x')}), 1));
  CHECK_FALSE(parse_answers(response(0, {}), 1));
  CHECK_FALSE(parse_answers(response(2, {"a", "b"}), 1));
  CHECK_FALSE(parse_answers(response(1, {"a", "b"}), 1));
  CHECK_FALSE(parse_answers(response(2, {"a"}), 2));
  CHECK_FALSE(parse_answers(response(0xffffffff, {"a"}), 1));
  CHECK_FALSE(parse_answers({}, 0));
  auto cut = response(1, {"123456"});
  while (!cut.empty()) {
    cut.pop_back();
    CHECK_FALSE(parse_answers(cut, 1));
  }
}

TEST_CASE("keyboard-interactive: a request has two fields of its own") {
  WireWriter good;
  good.string(std::string_view{"en"}).string(std::string_view{"pam"});
  CHECK(is_interactive_request(good.view()));
  CHECK_FALSE(is_interactive_request({}));
  CHECK_FALSE(is_interactive_request(good.view().first(good.view().size() - 1)));
  good.u8(0);
  CHECK_FALSE(is_interactive_request(good.view()));
}

}  // namespace bastion::transport
