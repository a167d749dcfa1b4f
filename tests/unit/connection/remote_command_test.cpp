#include "bastion/connection/remote_command.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/connection/mux.h"
#include "tests/unit/connection/recording_sink.h"

namespace bastion::connection {
namespace {

using Lines = std::vector<std::string>;

constexpr std::size_t kMegabyte = 1024 * 1024;

// The peer calls the session 7.
struct CommandRig {
  RecordingSink sink;
  Mux mux{sink};
  std::unique_ptr<RemoteCommand> command;

  CommandRig() {
    auto session = mux.open_session();
    CHECK(sink.said() == Lines{"open session sender=0 window=2097152"});
    says(ChannelOpenConfirmation{0, 7, 100, 100, {}});
    command = std::make_unique<RemoteCommand>(std::move(session), "incus list", kMegabyte);
  }
  bool says(const Message& message) {
    auto packet = encode(message);
    return mux.receive(packet).has_value();
  }
  void exits(std::uint32_t status) {
    auto packet = encode_exit_status(0, status);
    CHECK(mux.receive(packet));
  }
  std::string failure() {
    REQUIRE(command->over().is_set());
    const auto over = [](Event<Result<>>& event) -> Task<Result<>> { co_return co_await event; };
    auto task = over(command->over());
    task.start([] {});
    const auto outcome = task.take();
    return outcome ? "" : outcome.error().text;
  }
};

}  // namespace

TEST_CASE("a command is asked for with nothing on its standard input, and is over when the session is closed") {
  CommandRig rig;
  const auto asked = rig.sink.packets();
  REQUIRE(asked.size() == 2);
  const auto message = parse(asked[0]);
  const auto start = parse_start(std::get<ChannelRequest>(*message));
  CHECK(start->kind == SessionStart::Kind::command);
  CHECK(start->words == "incus list");
  CHECK(std::holds_alternative<ChannelEof>(*parse(asked[1])));
  rig.says(ChannelSuccess{0});
  rig.says(ChannelData{0, bytes_of("[]")});
  rig.says(ChannelExtendedData{0, kStderr, bytes_of("careful")});
  rig.says(ChannelData{0, bytes_of("\n")});
  rig.says(ChannelEof{0});
  rig.exits(3);
  CHECK_FALSE(rig.command->over().is_set());
  rig.says(ChannelClose{0});
  CHECK(rig.failure().empty());
  const auto outcome = rig.command->take();
  CHECK(outcome.out == "[]\n");
  CHECK(outcome.err == "careful");
  CHECK(outcome.status == 3);
  CHECK(rig.sink.said() == Lines{"close 7"});
}

TEST_CASE("a command that a signal has ended has no status") {
  CommandRig rig;
  rig.says(ChannelRequest{0, "exit-signal", false, {}});
  rig.says(ChannelClose{0});
  CHECK(rig.failure().empty());
  CHECK(rig.command->take().status == std::nullopt);
}

TEST_CASE("what cannot be told of a command is an error") {
  CommandRig refused;
  refused.says(ChannelFailure{0});
  CHECK(refused.failure() == "no command may be run there");
  CommandRig silent;
  silent.says(ChannelSuccess{0});
  silent.says(ChannelRequest{0, "exit-status", false, bytes_of("12345")});
  silent.says(ChannelClose{0});
  CHECK(silent.failure() == "nobody has said how it ended: the connection was closed");
  CommandRig lost;
  lost.mux.lost(Error{"the hop is gone"});
  CHECK(lost.failure() == "nobody has said how it ended: the hop is gone");
}

TEST_CASE("a command may print so much and no more, and is hung up on") {
  CommandRig rig;
  const ByteVector half(kMegabyte / 2, 'x');
  CHECK(rig.says(ChannelData{0, half}));
  CHECK(rig.says(ChannelData{0, half}));
  CHECK_FALSE(rig.command->over().is_set());
  CHECK(rig.says(ChannelData{0, bytes_of("x")}));
  CHECK(rig.failure() == "it prints more than 1 MiB");
  rig.sink.said();
  rig.command.reset();
  CHECK(rig.sink.said() == Lines{"close 7"});
  CHECK(rig.says(ChannelData{0, half}));
}

TEST_CASE("of standard error the end is kept, and all of it counts against the window") {
  CommandRig rig;
  rig.sink.said();
  const ByteVector much(LocalChannel::kWindow / 2, 'e');
  CHECK(rig.says(ChannelExtendedData{0, kStderr, much}));
  CHECK(rig.sink.said() == Lines{"adjust 7 1048576"});
  CHECK_FALSE(rig.says(ChannelExtendedData{0, kStderr, ByteVector(LocalChannel::kWindow + 1, 'e')}));
  CHECK(rig.says(ChannelExtendedData{0, kStderr, bytes_of("\nError: not allowed")}));
  CHECK(rig.says(ChannelExtendedData{0, kStderr, bytes_of(" here\n")}));
  rig.exits(1);
  rig.says(ChannelClose{0});
  const auto err = rig.command->take().err;
  CHECK(err.size() == 4096);
  CHECK(err.starts_with("eeee"));
  CHECK(err.ends_with("\nError: not allowed here\n"));
}

}  // namespace bastion::connection
