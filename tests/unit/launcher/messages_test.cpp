#include "bastion/launcher/messages.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/launcher/memory_file.h"
#include "tests/support/small_world.h"

namespace bastion::launcher {
namespace {

using test::must;
using test::refused;

// Whether it is understood as it is, and neither without its last byte nor with one more.
template <typename Parse>
bool is_all_or_nothing(ByteVector message, Parse parse) {
  const bool is_understood = parse(message).has_value();
  message.push_back(0);
  const bool is_with_more = parse(message).has_value();
  message.resize(message.size() - 2);
  return is_understood && !is_with_more && !parse(message).has_value();
}

Answer there_and_back(const Answer& answer) {
  const auto message = encode(answer);
  CHECK(is_all_or_nothing(message, parse_answer));
  return must(parse_answer(message));
}

}  // namespace

TEST_CASE("messages of the launcher: what was said is what is heard") {
  const Start start{{"/var/lib/bastion/host_keys", ""}};
  CHECK(must(parse_start(encode(start))) == start);
  CHECK(is_all_or_nothing(encode(start), parse_start));
  const Started started{{"this system cannot forbid that"}};
  CHECK(must(parse_started(encode(started))) == started);
  const Question question{.id = 7, .ssh = {.host = "web", .user = "alice", .port = "22", .jumps = "a@gw,b"}};
  CHECK(must(parse_question(encode(question))) == question);
  CHECK(is_all_or_nothing(encode(question), parse_question));
  for (const Ended& ended : {Ended{.status = 255, .out_size = 3, .err_size = 4}, Ended{.out_size = 1}}) {
    const auto heard = there_and_back({.id = 9, .ended = ended});
    CHECK(heard.id == 9);
    CHECK(must(heard.ended) == ended);
  }
  CHECK(refused(there_and_back({.id = 1, .ended = fail("no")}).ended) == "no");
}

TEST_CASE("messages of the launcher: words that are none are refused") {
  using namespace std::string_literals;
  for (const auto& ssh : std::vector<SshQuestion>{{.host = ""},
                                                  {.host = "a\0b"s},
                                                  {.host = "a", .user = "\0"s},
                                                  {.host = "a", .port = "\0"s},
                                                  {.host = "a", .jumps = "\0"s}}) {
    CHECK_FALSE(parse_question(encode(Question{.id = 1, .ssh = ssh})));
  }
  WireWriter many;
  many.u32(0xffffffffU);
  CHECK_FALSE(parse_start(many.view()));
  WireWriter form;
  CHECK_FALSE(parse_answer(form.u32(1).u8(3).u32(0).u32(0).view()));
}

TEST_CASE("a text beside a message is a file that is long enough and not too long, and nobody waits for it") {
  const auto file = must(write_memory_file("some text"));
  CHECK(must(read_memory_file(file, 9)) == "some text");
  CHECK(must(read_memory_file(file, 9)) == "some text");
  CHECK(refused(read_memory_file(file, 8)) == "a text of more than 8 bytes");
  CHECK(must(read_memory_file(must(write_memory_file("")), 0)).empty());
  CHECK(refused(read_memory_file(loop::Descriptor(), 9)) == "a file in memory: Bad file descriptor");
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const loop::Descriptor reading(ends[0]);
  const loop::Descriptor writing(ends[1]);
  CHECK(refused(read_memory_file(reading, 9)) == "what came beside a message is no file");
}

}  // namespace bastion::launcher
