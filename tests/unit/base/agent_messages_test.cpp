#include "bastion/base/agent_messages.h"

#include <doctest/doctest.h>

#include <string>

#include "bastion/base/wire_format.h"

namespace bastion {
namespace {

using namespace std::string_literals;

ByteVector bytes_from(std::string_view text) {
  const auto bytes = bytes_of(text);
  return {bytes.begin(), bytes.end()};
}

ByteVector identities(std::uint32_t count, std::initializer_list<std::string_view> strings) {
  WireWriter out;
  out.u8(12).u32(count);
  for (const auto text : strings) out.string(text);
  return out.take();
}

}  // namespace

TEST_CASE("what an agent is asked") {
  CHECK(encode_request_identities() == bytes_from("\0\0\0\1\x0b"s));

  struct Row {
    std::string_view algorithm;
    char flags;
  };
  const Row rows[] = {{"ssh-ed25519", 0},
                      {"ssh-rsa", 0},
                      {"rsa-sha2-256", 2},
                      {"rsa-sha2-512", 4},
                      {"rsa-sha2-256-cert-v01@openssh.com", 2},
                      {"rsa-sha2-512-cert-v01@openssh.com", 4}};
  for (const auto& row : rows) {
    CAPTURE(row.algorithm);
    CHECK(encode_sign_request(bytes_of("k"), bytes_of("da"), row.algorithm) ==
          bytes_from("\0\0\0\x10\x0d\0\0\0\1k\0\0\0\2da\0\0\0"s + row.flags));
  }

  CHECK(encode_session_bind(bytes_of("h"), bytes_of("i"), bytes_of("s"), true) ==
        bytes_from("\0\0\0\x2d\x1b\0\0\0\x18session-bind@openssh.com\0\0\0\1h\0\0\0\1i\0\0\0\1s\1"s));
}

TEST_CASE("the keys of an agent") {
  const auto none = decode_identities_answer(identities(0, {}));
  REQUIRE(none);
  CHECK(none->empty());

  const auto two = decode_identities_answer(identities(2, {"key1", "its comment", "key2", ""}));
  REQUIRE(two);
  CHECK(*two == std::vector<AgentKey>{{bytes_from("key1"), "its comment"}, {bytes_from("key2"), ""}});
}

TEST_CASE("what is no list of an agent's keys") {
  struct Row {
    ByteVector answer;
    std::string_view why;
  };
  const Row rows[] = {
      {{}, "the agent answers the question for its keys with nothing"},
      {bytes_from("\x05"s), "the agent refuses the question for its keys"},
      {bytes_from("\x06"s), "the agent answers the question for its keys with a message of type 6"},
      {bytes_from("\x0c"s), "the agent's list of keys is cut off"},
      {bytes_from("\x0c\0\0\0"s), "the agent's list of keys is cut off"},
      {identities(1, {}), "the agent's list of 1 keys is cut off"},
      {identities(1, {"key"}), "the agent's list of 1 keys is cut off"},
      {identities(2, {"key", "comment"}), "the agent's list of 2 keys is cut off"},
      {identities(1, {"key", "comment", "more"}), "the agent's list of 1 keys has bytes behind it"},
      {identities(2048, {"key", "comment"}), "the agent's list of 2048 keys is cut off"},
      {identities(2049, {"key", "comment"}), "the agent says that it has 2049 keys"},
      {identities(0xffffffff, {"key", "comment"}), "the agent says that it has 4294967295 keys"},
      {bytes_from("\x0c\0\0\0\1\xff\xff\xff\xff\0\0\0\0"s), "the agent's list of 1 keys is cut off"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.why);
    const auto keys = decode_identities_answer(row.answer);
    REQUIRE_FALSE(keys);
    CHECK(keys.error().text == row.why);
  }
}

TEST_CASE("an agent's signature") {
  const auto signature = decode_sign_response(bytes_from("\x0e\0\0\0\3sig"s));
  REQUIRE(signature);
  CHECK(*signature == bytes_from("sig"));

  struct Row {
    std::string answer;
    std::string_view why;
  };
  const Row rows[] = {
      {""s, "the agent answers to sign with nothing"},
      {"\x05"s, "the agent refuses to sign"},
      {"\x05more"s, "the agent answers to sign with a message of type 5"},
      {"\x0c\0\0\0\0"s, "the agent answers to sign with a message of type 12"},
      {"\x0e"s, "the agent's signature is malformed"},
      {"\x0e\0\0\0\0"s, "the agent's signature is malformed"},
      {"\x0e\0\0\0\4sig"s, "the agent's signature is malformed"},
      {"\x0e\0\0\0\3sig "s, "the agent's signature is malformed"},
      {"\x0e\xff\xff\xff\xffsig"s, "the agent's signature is malformed"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.why);
    const auto decoded = decode_sign_response(bytes_of(row.answer));
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().text == row.why);
  }
}

TEST_CASE("an agent's answer to an extension") {
  CHECK(decode_success(bytes_of("\x06"s)).value());
  CHECK_FALSE(decode_success(bytes_of("\x05"s)).value());
  CHECK_FALSE(decode_success(bytes_of("\x1c"s)).value());
  CHECK_FALSE(decode_success({}));
  CHECK_FALSE(decode_success(bytes_of("\x06more"s)));
  CHECK_FALSE(decode_success(bytes_of("\x0e\0\0\0\3sig"s)));
}

TEST_CASE("an agent's answer comes in pieces") {
  const auto whole = "\0\0\0\3abc"s;
  AgentAnswer answer;
  for (std::size_t i = 0; i + 1 < whole.size(); ++i) {
    const auto piece = answer.add(bytes_of(whole).subspan(i, 1));
    REQUIRE(piece);
    CHECK_FALSE(piece->has_value());
  }
  const auto last = answer.add(bytes_of(whole).last(1));
  REQUIRE(last);
  REQUIRE(last->has_value());
  CHECK(text_of(**last) == "abc");

  answer.clear();
  const auto next = answer.add(bytes_of("\0\0\0\1x"s));
  REQUIRE(next);
  REQUIRE(next->has_value());
  CHECK(text_of(**next) == "x");
}

TEST_CASE("an agent that answers as none does") {
  struct Row {
    std::string answer;
    std::string_view why;
  };
  const Row rows[] = {
      {"\0\0\0\0"s, "the agent answers with nothing"},
      {"\0\4\0\1"s, "the agent announces an answer of 262145 bytes"},
      {"\xff\xff\xff\xff"s, "the agent announces an answer of 4294967295 bytes"},
      {"\0\0\0\1xy"s, "the agent answers with more than it was asked for"},
      {std::string(kLargestAgentAnswer + 5, 'x'), "the agent answers with more than it was asked for"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.why);
    AgentAnswer answer;
    const auto added = answer.add(bytes_of(row.answer));
    REQUIRE_FALSE(added);
    CHECK(added.error().text == row.why);
  }
  AgentAnswer largest;
  const auto length = largest.add(bytes_of("\0\4\0\0"s));
  REQUIRE(length);
  CHECK_FALSE(length->has_value());
  const auto whole = largest.add(ByteVector(kLargestAgentAnswer));
  REQUIRE(whole);
  CHECK(whole->has_value());
}

}  // namespace bastion
