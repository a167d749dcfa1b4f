// What of a session channel is recorded, whatever is asked for in it.
#include "bastion/record/recording.h"

#include <string>

#include "tests/support/sftp_packets.h"
#include "tests/unit/record/recorder_rig.h"

namespace bastion::record {
namespace {

// A channel that has ended, of which everything is on the disk.
struct RecordedSession : RecorderRig {
  template <typename Says>
  RecordedSession(RecordPolicy policy, const Says& says, bool input = false,
                  std::optional<std::string> forced = std::nullopt) {
    RecordedChannel channel(*this, policy, input, std::move(forced));
    says(channel);
    channel.end();
    close();
  }
};

// A client and a server of SFTP, in a channel that carries their packets.
struct Sftp {
  RecordedChannel& channel;
  void asks(const ByteVector& packet) const { channel.types(text_of(packet)); }
  void answers(const ByteVector& packet) const { channel.shows(text_of(packet)); }
  void removes(std::string_view name) const {
    asks(sftp::request_packet(sftp::Type::remove, 4, {name}));
    answers(sftp::status_packet(4, sftp::kOk));
  }
};

}  // namespace

TEST_CASE("what a terminal shows is on the disk while it is still open") {
  RecorderRig rig;
  RecordedChannel channel(rig, RecordPolicy::terminals);
  channel.terminal(100, 30);
  channel.request("shell");
  channel.shows("$ ");
  channel.types("secret\r");
  channel.shows("done\r\n");
  rig.wait_for_output("$ done\r\n");
  const auto header = header_of(rig.file());
  REQUIRE(header);
  CHECK(header->width == 100);
  CHECK(header->height == 30);
  CHECK(header->terminal == "xterm");
  CHECK(header->at == 1'700'000'000);
  CHECK(rig.text(Kind::input).empty());
  CHECK(std::filesystem::status(rig.file()).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  channel.end();
}

TEST_CASE("what is typed is recorded only where that was asked for") {
  const auto types = [](RecordedChannel& channel) {
    channel.terminal(80, 24);
    channel.request("shell");
    channel.types("ls\r");
  };
  CHECK(RecordedSession(RecordPolicy::terminals, types, true).text(Kind::input) == "ls\r");
  CHECK(RecordedSession(RecordPolicy::terminals, types).text(Kind::input).empty());
}

TEST_CASE("a window that changes its size is recorded, and how the session ended") {
  const RecordedSession session(RecordPolicy::terminals, [](RecordedChannel& channel) {
    channel.terminal(80, 24);
    channel.request("shell");
    WireWriter size;
    size.u32(120).u32(50).u32(0).u32(0);
    channel.request("window-change", size.view());
    channel.exits(3);
  });
  CHECK(session.text(Kind::resize) == "120x50");
  CHECK(session.text(Kind::marker) == "exit status 3");
}

TEST_CASE("what shows nothing is a recording too") {
  const RecordedSession session(RecordPolicy::terminals, [](RecordedChannel& channel) {
    channel.terminal(80, 24);
    channel.request("shell");
  });
  REQUIRE(header_of(session.file()));
  CHECK(lines_of(session.file()).size() == 1);
}

TEST_CASE("of a command without a terminal it is recorded that it ran, and not what it carried") {
  const RecordedSession session(RecordPolicy::all, [](RecordedChannel& channel) {
    channel.starts("exec", "tar c .");
    channel.shows("a lot of bytes");
    channel.complains("tar: no");
    channel.exits(0);
  });
  CHECK(header_of(session.file())->command == "tar c .");
  CHECK(session.text(Kind::output).empty());
  CHECK(session.text(Kind::marker) == "exit status 0");
}

TEST_CASE("a shell without a terminal is recorded by `all` as a terminal is") {
  const RecordedSession session(RecordPolicy::all, [](RecordedChannel& channel) {
    channel.request("shell");
    channel.shows("out\n");
    channel.complains("err\n");
  });
  CHECK(session.text(Kind::output) == "out\nerr\n");
}

TEST_CASE("where terminals are recorded, nothing else is") {
  const RecordedSession session(RecordPolicy::terminals,
                                [](RecordedChannel& channel) { channel.starts("exec", "true"); });
  CHECK_FALSE(std::filesystem::exists(session.file()));
}

TEST_CASE("no choice of requests gets a session rid of its recording") {
  const RecordedSession session(RecordPolicy::terminals, [](RecordedChannel& channel) {
    channel.starts("exec", "false");  // refused by the container
    channel.request("pty-req", bytes_of("nonsense"));
    channel.request("shell");
    channel.shows("before ");
    channel.starts("exec", "true");  // a second start, which no server grants
    channel.shows("behind");
  });
  CHECK(session.text(Kind::output) == "before behind");
  CHECK(session.text(Kind::marker) == "asked for another start: true");
  CHECK_FALSE(std::filesystem::exists(session.file("s", 2)));
}

TEST_CASE("what is done by SFTP is said, and what is carried is not") {
  const RecordedSession session(RecordPolicy::all, [](RecordedChannel& channel) {
    channel.starts("subsystem", "sftp");
    const Sftp sftp{channel};
    sftp.asks(sftp::open_packet(1, "/etc/motd", sftp::kOpenRead));
    sftp.answers(sftp::handle_packet(1, "h"));
    sftp.asks(sftp::read_packet(2, "h", 0, 32768));
    sftp.answers(sftp::data_packet(2, "welcome"));
    sftp.asks(sftp::request_packet(sftp::Type::close, 3, {"h"}));
    sftp.answers(sftp::status_packet(3, sftp::kOk));
    sftp.asks(sftp::request_packet(sftp::Type::remove, 4, {"/etc/passwd"}));
    sftp.answers(sftp::status_packet(4, sftp::kPermissionDenied));
    sftp.asks(sftp::open_packet(5, "left\nopen", sftp::kOpenWrite));
    channel.complains("no packet");
  });
  CHECK(header_of(session.file())->command == "subsystem sftp");
  CHECK(session.text(Kind::marker) ==
        R"(sftp open "/etc/motd", 7 bytes readsftp remove "/etc/passwd": permission denied)"
        R"(sftp open "left?open", 0 bytes written: its end is not known)");
  CHECK(session.text(Kind::output).empty());
}

TEST_CASE("no choice of requests hides what is done by SFTP") {
  const auto removes = [](RecordedChannel& channel) { Sftp{channel}.removes("a"); };
  const RecordedSession late(RecordPolicy::all, [&](RecordedChannel& channel) {
    channel.starts("subsystem", "nonsense");  // refused by the container
    channel.starts("subsystem", "sftp");
    removes(channel);
  });
  CHECK(late.text(Kind::marker) == R"(asked for another start: subsystem sftpsftp remove "a")");
  const RecordedSession by_command(RecordPolicy::all, [&](RecordedChannel& channel) {
    channel.starts("exec", "/usr/lib/openssh/sftp-server");
    removes(channel);
  });
  CHECK(by_command.text(Kind::marker) == R"(sftp remove "a")");
  const RecordedSession again(RecordPolicy::all, [&](RecordedChannel& channel) {
    channel.starts("subsystem", "sftp");
    const auto packet = sftp::request_packet(sftp::Type::remove, 4, {"a"});
    channel.types(text_of(Bytes{packet}.first(7)));
    channel.starts("subsystem", "sftp");  // refused, for one is there
    channel.types(text_of(Bytes{packet}.subspan(7)));
    channel.shows(text_of(sftp::status_packet(4, sftp::kOk)));
  });
  CHECK(again.text(Kind::marker) == R"(asked for another start: subsystem sftpsftp remove "a")");
}

TEST_CASE("what is done by SFTP is said where a key has it for its command") {
  const RecordedSession session(
      RecordPolicy::all,
      [](RecordedChannel& channel) {
        channel.starts("subsystem", "sftp");  // what is started in place of what was asked for
        Sftp{channel}.removes("a");
      },
      false, "internal-sftp");
  CHECK(header_of(session.file())->command == "internal-sftp");
  CHECK(session.text(Kind::marker) == R"(sftp remove "a")");
}

TEST_CASE("where SFTP cannot be read any further, the recording says so, once") {
  const RecordedSession session(RecordPolicy::all, [](RecordedChannel& channel) {
    channel.starts("subsystem", "sftp");
    channel.types("this is no packet at all");
    channel.types("nor is this");
    Sftp{channel}.removes("a");
  });
  CHECK(session.text(Kind::marker) == "sftp: what follows is no SFTP, or none that is read here");
}

}  // namespace bastion::record
