#include "bastion/upstream/command_stream.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/connection/mux.h"
#include "bastion/connection/session_start.h"
#include "bastion/loop/loop.h"
#include "tests/support/run_until.h"
#include "tests/unit/connection/recording_sink.h"

namespace bastion::upstream {
namespace {

using connection::ChannelClose;
using connection::ChannelData;
using connection::ChannelEof;
using connection::ChannelExtendedData;
using connection::ChannelRequest;
using connection::ChannelSuccess;
using connection::ChannelWindowAdjust;
using Lines = std::vector<std::string>;

// The peer calls the session 7, and has room for 100 bytes.
struct StreamRig : ByteStream::Reader {
  loop::Loop loop;
  connection::RecordingSink sink;
  connection::Mux mux{sink};
  std::unique_ptr<CommandStream> stream;
  std::string heard;
  bool eof = false;
  int drained = 0;
  std::optional<std::string> lost;
  int failed = 0;

  explicit StreamRig(std::chrono::seconds within = std::chrono::seconds{60}) {
    auto session = mux.open_session();
    says(connection::ChannelOpenConfirmation{0, 7, 100, 100, {}});
    sink.packets();
    stream = std::make_unique<CommandStream>(loop, std::move(session), "incus exec web", "be1", within,
                                             [this] { ++failed; });
    stream->read_to(this);
  }
  virtual ~StreamRig() = default;

  void says(const connection::Message& message) {
    auto packet = connection::encode(message);
    REQUIRE(mux.receive(packet));
  }
  void prints(std::string_view text) { says(ChannelData{0, bytes_of(text)}); }
  void complains(std::string_view text) { says(ChannelExtendedData{0, connection::kStderr, bytes_of(text)}); }
  void exits(std::uint32_t status) {
    auto packet = connection::encode_exit_status(0, status);
    REQUIRE(mux.receive(packet));
  }
  void is_killed(std::string_view signal) {
    WireWriter payload;
    payload.string(signal);
    says(ChannelRequest{0, "exit-signal", false, payload.view()});
  }
  void closes() {
    says(ChannelEof{0});
    says(ChannelClose{0});
  }

  void on_bytes(MutableBytes bytes) override { heard += text_of(bytes); }
  void on_drained() override { ++drained; }
  void on_eof() override { eof = true; }
  void on_lost(const Error& why) override { lost = why.text; }
};

}  // namespace

TEST_CASE("a command is started as it stands, and its standard input stays open") {
  StreamRig rig;
  const auto asked = rig.sink.packets();
  REQUIRE(asked.size() == 1);
  const auto message = connection::parse(asked[0]);
  const auto start = connection::parse_start(std::get<ChannelRequest>(*message));
  CHECK(start->kind == connection::SessionStart::Kind::command);
  CHECK(start->words == "incus exec web");
  CHECK_FALSE(start->terminal);
}

TEST_CASE("bytes pass both ways, and each half is closed on its own") {
  StreamRig rig;
  rig.sink.packets();
  rig.prints("SSH-2.0-x\r\n");
  rig.prints("more");
  CHECK(rig.heard == "SSH-2.0-x\r\nmore");
  rig.stream->write(bytes_of(std::string_view("SSH-2.0-y\r\n")));
  rig.stream->end();
  CHECK(rig.sink.said() == Lines{"data 7 SSH-2.0-y\r\n", "eof 7"});
  rig.prints(" and more");
  CHECK(rig.heard == "SSH-2.0-x\r\nmore and more");
  CHECK_FALSE(rig.eof);
  CHECK_FALSE(rig.lost);
}

TEST_CASE("who writes faster than the command reads is told to wait, and when to go on") {
  StreamRig rig;
  rig.sink.packets();
  const std::string much(ByteStream::kHighWater + 100, 'x');
  rig.stream->write(bytes_of(much));
  CHECK(rig.stream->backlog() == ByteStream::kHighWater);
  rig.says(ChannelWindowAdjust{0, 50});
  CHECK(rig.drained == 0);
  rig.says(ChannelWindowAdjust{0, ByteStream::kHighWater});
  CHECK(rig.drained == 1);
  CHECK(rig.stream->backlog() == 0);
}

TEST_CASE("a reader who pauses is not overrun, and hears everything later") {
  StreamRig rig;
  rig.prints("SSH-2.0-x\r\n");
  rig.stream->pause();
  rig.prints("later");
  rig.exits(0);
  rig.closes();
  CHECK(rig.heard == "SSH-2.0-x\r\n");
  CHECK_FALSE(rig.lost);
  rig.stream->resume();
  CHECK(rig.heard == "SSH-2.0-x\r\nlater");
  CHECK(rig.lost == "`incus exec web` on backend be1 ended with status 0");
}

TEST_CASE("how a command has ended, and what it has said, is why the stream is lost") {
  StreamRig rig;
  SUBCASE("with a status") {
    rig.complains("sh: 1: incus: not \x1b[2Jfound\n");
    rig.exits(127);
    rig.closes();
    CHECK(rig.lost == "`incus exec web` on backend be1 ended with status 127; it said: sh: 1: incus: not ?[2Jfound");
  }
  SUBCASE("with a status that comes behind the end of file") {
    rig.says(ChannelEof{0});
    CHECK_FALSE(rig.eof);
    rig.exits(1);
    rig.says(ChannelClose{0});
    CHECK(rig.lost == "`incus exec web` on backend be1 ended with status 1");
    CHECK_FALSE(rig.eof);
  }
  SUBCASE("by a signal") {
    rig.is_killed("KILL");
    rig.closes();
    CHECK(rig.lost == "`incus exec web` on backend be1 was killed by SIGKILL");
  }
  SUBCASE("having said it on standard output") {
    rig.prints("Error: Instance is not running\n");
    rig.exits(1);
    rig.closes();
    CHECK(rig.heard.empty());
    CHECK(rig.lost == "`incus exec web` on backend be1 ended with status 1; it said: Error: Instance is not running");
  }
  SUBCASE("in the middle of a session") {
    rig.prints("SSH-2.0-x\r\n");
    rig.complains("Error: the daemon has gone\n");
    rig.exits(255);
    rig.closes();
    CHECK(rig.lost == "`incus exec web` on backend be1 ended with status 255; it said: Error: the daemon has gone");
  }
  SUBCASE("before it began") {
    rig.says(connection::ChannelFailure{0});
    CHECK(rig.lost == "`incus exec web` on backend be1 is not allowed there");
  }
  SUBCASE("with its hop") {
    rig.mux.lost(Error{"the backend is gone"});
    CHECK(rig.lost == "`incus exec web` on backend be1 was lost: the backend is gone");
  }
}

TEST_CASE("whether it has failed before it came to SSH is told apart from all else that ends it") {
  SUBCASE("a status") {
    StreamRig rig;
    rig.exits(126);
    rig.closes();
    CHECK(rig.failed == 1);
  }
  SUBCASE("a status that says that all is well") {
    StreamRig rig;
    rig.exits(0);
    rig.closes();
    CHECK(rig.failed == 0);
  }
  SUBCASE("a signal") {
    StreamRig rig;
    rig.is_killed("KILL");
    rig.closes();
    CHECK(rig.failed == 0);
  }
  SUBCASE("a status behind SSH") {
    StreamRig rig;
    rig.prints("SSH-2.0-x\r\n");
    rig.exits(255);
    rig.closes();
    CHECK(rig.failed == 0);
  }
}

TEST_CASE("of what a command complains the end is told, and the rest is not kept") {
  StreamRig rig;
  for (int i = 0; i < 1000; ++i) rig.complains("again and again and again\n");
  rig.complains("and the reason\n");
  rig.exits(1);
  rig.closes();
  REQUIRE(rig.lost);
  CHECK(rig.lost->ends_with("and the reason"));
  CHECK(rig.lost->size() < 500);
}

TEST_CASE("a command that does not begin to speak SSH is not waited for any longer") {
  StreamRig rig(std::chrono::seconds{0});
  rig.complains("connecting ...\n");
  test::run_until(rig.loop, [&] { return rig.lost.has_value(); });
  CHECK(rig.lost == "`incus exec web` on backend be1 has not begun to speak SSH within 0 s; it said: connecting ...");
}

TEST_CASE("one that speaks SSH has all the time it wants") {
  StreamRig rig(std::chrono::seconds{0});
  rig.prints("SSH-2.0-x\r\n");
  bool passed = false;
  loop::Timer later(rig.loop, [&] { passed = true; });
  later.start(std::chrono::milliseconds{1});
  test::run_until(rig.loop, [&] { return passed; });
  CHECK_FALSE(rig.lost);
}

TEST_CASE("a greeting without an end is no SSH") {
  StreamRig rig;
  const std::string line(99, 'x');
  while (!rig.lost) rig.prints(line + "\n");
  CHECK(rig.lost->starts_with("`incus exec web` on backend be1 prints much, and none of it is SSH"));
}

TEST_CASE("a command that closes its output before it speaks SSH has failed") {
  StreamRig rig;
  rig.complains("no more\n");
  rig.says(ChannelEof{0});
  test::run_until(rig.loop, [&] { return rig.lost.has_value(); });
  CHECK(rig.lost == "`incus exec web` on backend be1 has closed its output and goes on; it said: no more");
  CHECK_FALSE(rig.eof);
}

TEST_CASE("a command that closes its output and goes on has said everything") {
  StreamRig rig;
  rig.prints("SSH-2.0-x\r\n");
  rig.says(ChannelEof{0});
  test::run_until(rig.loop, [&] { return rig.eof; });
  CHECK_FALSE(rig.lost);
  rig.sink.packets();
  rig.stream->write(bytes_of(std::string_view("still there")));
  CHECK(rig.sink.said() == Lines{"data 7 still there"});
}

}  // namespace bastion::upstream
