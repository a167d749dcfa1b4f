#include "bastion/base/splice.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion {
namespace {

// One end of a splice, in the test's hands.
struct End final : ByteStream {
  void read_to(Reader* to) override { reader = to; }
  [[nodiscard]] MutableBytes prepare(std::size_t size) override {
    room.resize(size);
    return room;
  }
  void commit(std::size_t size) override { written += text_of(Bytes{room}.first(size)); }
  [[nodiscard]] std::size_t backlog() const override { return stuck; }
  void end() override { ended = true; }
  void pause() override { paused = true; }
  void resume() override { paused = false; }

  void say(std::string text) { reader->on_bytes({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

  Reader* reader = nullptr;
  ByteVector room;
  std::string written;
  std::size_t stuck = 0;
  bool ended = false;
  bool paused = false;
};

struct Rig {
  End left;
  End right;
  int over = 0;
  Splice splice{left, right, [this] { ++over; }};
};

}  // namespace

TEST_CASE("what one side says the other reads") {
  Rig rig;
  rig.left.say("ping");
  rig.right.say("pong");
  CHECK(rig.right.written == "ping");
  CHECK(rig.left.written == "pong");
}

TEST_CASE("a side that does not read stops the other") {
  Rig rig;
  rig.right.stuck = ByteStream::kHighWater + 1;
  rig.left.say("more");
  CHECK(rig.left.paused);
  rig.right.stuck = 0;
  rig.right.reader->on_drained();
  CHECK_FALSE(rig.left.paused);
}

TEST_CASE("an end of file is passed on, and the other direction lives on") {
  Rig rig;
  rig.left.reader->on_eof();
  CHECK(rig.right.ended);
  CHECK(rig.over == 0);
  rig.right.say("the answer");
  CHECK(rig.left.written == "the answer");
  rig.right.reader->on_eof();
  CHECK(rig.over == 1);
}

TEST_CASE("it is over when the last byte is delivered, not before") {
  Rig rig;
  rig.right.reader->on_eof();
  rig.right.stuck = 10;
  rig.left.reader->on_eof();
  CHECK(rig.over == 0);
  rig.right.stuck = 0;
  rig.right.reader->on_drained();
  CHECK(rig.over == 1);
}

TEST_CASE("what a lost side said before is still delivered") {
  Rig rig;
  rig.right.say("last words");
  rig.left.stuck = 10;
  rig.right.reader->on_lost(Error{"gone"});
  CHECK(rig.left.ended);
  CHECK(rig.over == 0);
  rig.left.stuck = 0;
  rig.left.reader->on_drained();
  CHECK(rig.over == 1);
}

TEST_CASE("whoever writes to a lost side hears that it is over") {
  Rig rig;
  rig.left.stuck = 10;
  rig.right.reader->on_lost(Error{"gone"});
  rig.left.say("hello?");
  CHECK(rig.over == 1);
}

}  // namespace bastion
