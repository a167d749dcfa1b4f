#include "bastion/connection/relay.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/connection/recording_sink.h"

namespace bastion::connection {
namespace {

using Lines = std::vector<std::string>;

struct Rig {
  RecordingSink user_sink;
  RecordingSink container_sink;
  Relay relay{user_sink, [](Bytes request) -> std::optional<ByteVector> {
                if (text_of(request) != "ours") return std::nullopt;
                const auto proof = bytes_of("proof");
                return ByteVector(proof.begin(), proof.end());
              }};

  bool user(const Message& message) { return receive(Side::user, message); }
  bool container(const Message& message) { return receive(Side::container, message); }
  bool receive(Side side, const Message& message) {
    auto packet = encode(message);
    return relay.receive(side, packet).has_value();
  }
  void connect() { relay.connect(container_sink); }
  Lines to_user() { return user_sink.said(); }
  Lines to_container() { return container_sink.said(); }

  // A session as OpenSSH opens it, up to its running command. The user calls it 5, the container 9, we 0.
  void open_session() {
    user(ChannelOpen{"session", 5, 1000, 100, {}});
    container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    user(ChannelRequest{0, "exec", true, {}});
    container(ChannelSuccess{0});
    to_user();
    to_container();
  }
};

}  // namespace

TEST_CASE("a session opened while the container is being reached is confirmed at once, with window 0") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=0"});
}

TEST_CASE("what is asked before the container is reached is held, and flows in order when it is") {
  Rig rig;
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.user(ChannelRequest{0, "pty-req", true, {}});
  rig.user(ChannelRequest{0, "shell", true, {}});
  rig.user(ChannelEof{0});
  rig.to_user();

  rig.connect();
  CHECK(rig.to_container() == Lines{"global tcpip-forward true", "open session sender=0 window=1000"});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_container() == Lines{"request 9 pty-req true", "request 9 shell true", "eof 9"});
  CHECK(rig.to_user() == Lines{"adjust 5 2000"});
}

TEST_CASE("opens and global requests keep their order while they wait") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.user(GlobalRequest{"no-more-sessions@openssh.com", false, {}});
  rig.user(ChannelOpen{"direct-tcpip", 6, 1000, 100, {}});
  rig.connect();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=1000", "global no-more-sessions@openssh.com false",
                                    "open direct-tcpip sender=1 window=1000"});
}

TEST_CASE("a forward opened while the container is being reached waits for the container's own answer") {
  Rig rig;
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  CHECK(rig.to_user().empty());
  rig.connect();
  CHECK(rig.to_container() == Lines{"open direct-tcpip sender=0 window=1000"});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=2000"});
}

TEST_CASE("data, windows and closing are mapped both ways") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.user(ChannelData{0, bytes_of("in")});
  rig.user(ChannelWindowAdjust{0, 7});
  rig.container(ChannelData{0, bytes_of("out")});
  rig.container(ChannelExtendedData{0, kStderr, bytes_of("err")});
  CHECK(rig.to_container() == Lines{"data 9 in", "adjust 9 7"});
  CHECK(rig.to_user() == Lines{"data 5 out", "stderr 5 err"});

  rig.container(ChannelClose{0});
  CHECK(rig.relay.has_channels());
  rig.user(ChannelClose{0});
  CHECK(rig.to_user() == Lines{"close 5"});
  CHECK(rig.to_container() == Lines{"close 9"});
  CHECK_FALSE(rig.relay.has_channels());
  CHECK(rig.relay.traffic().from_user == 2);
  CHECK(rig.relay.traffic().from_container == 6);
}

TEST_CASE("a channel number is used again only after both sides have closed it") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.user(ChannelClose{0});
  rig.user(ChannelOpen{"session", 6, 1, 1, {}});
  rig.to_container();
  rig.container(ChannelClose{0});
  rig.user(ChannelOpen{"session", 7, 1, 1, {}});
  CHECK(rig.to_container() == Lines{"open session sender=0 window=1"});
}

TEST_CASE("data larger than the container takes is cut, for a session confirmed early") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.connect();
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 4, {}});
  rig.to_container();
  rig.user(ChannelData{0, bytes_of("0123456789")});
  rig.user(ChannelExtendedData{0, kStderr, bytes_of("abcde")});
  CHECK(rig.to_container() == Lines{"data 9 0123", "data 9 4567", "data 9 89", "stderr 9 abcd", "stderr 9 e"});
}

TEST_CASE("channels the container opens reach the user: agent, X11, -R") {
  Rig rig;
  rig.connect();
  rig.container(ChannelOpen{"auth-agent@openssh.com", 3, 10, 10, {}});
  CHECK(rig.to_user() == Lines{"open auth-agent@openssh.com sender=0 window=10"});
  rig.user(ChannelOpenConfirmation{0, 8, 20, 20, {}});
  CHECK(rig.to_container() == Lines{"confirm 3 sender=0 window=20"});
  rig.container(ChannelOpen{"forwarded-tcpip", 4, 10, 10, {}});
  rig.user(ChannelOpenFailure{1, OpenFailureCode::connect_failed, "refused"});
  CHECK(rig.to_container() == Lines{"refuse 4 refused"});
}

TEST_CASE("global replies come in the order of the questions, whoever answers them") {
  Rig rig;
  rig.connect();
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.user(GlobalRequest{"hostkeys-prove-00@openssh.com", true, bytes_of("ours")});
  rig.user(GlobalRequest{"no-more-sessions@openssh.com", false, {}});
  rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.to_user().empty());
  CHECK(rig.to_container() == Lines{"global tcpip-forward true", "global no-more-sessions@openssh.com false",
                                    "global keepalive@openssh.com true"});
  rig.container(RequestSuccess{bytes_of("port")});
  CHECK(rig.to_user() == Lines{"success port", "success proof"});
  rig.container(RequestFailure{});
  CHECK(rig.to_user() == Lines{"failure"});
}

TEST_CASE("a keepalive is answered while the container is being reached") {
  Rig rig;
  rig.user(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.to_user() == Lines{"failure"});
}

TEST_CASE("host keys that are not ours are not proven") {
  Rig rig;
  rig.user(GlobalRequest{"hostkeys-prove-00@openssh.com", true, bytes_of("theirs")});
  CHECK(rig.to_user() == Lines{"failure"});
}

TEST_CASE("the container's host keys are not shown to the user, its keepalives are") {
  Rig rig;
  rig.connect();
  rig.container(GlobalRequest{"hostkeys-00@openssh.com", false, {}});
  rig.container(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK(rig.to_user() == Lines{"global keepalive@openssh.com true"});
  rig.user(RequestFailure{});
  CHECK(rig.to_container() == Lines{"failure"});
}

TEST_CASE("the answer to our own question goes to nobody") {
  Rig rig;
  rig.connect();
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.relay.ping(Side::container);
  rig.user(GlobalRequest{"cancel-tcpip-forward", true, {}});
  rig.to_container();
  rig.container(RequestSuccess{bytes_of("1")});
  rig.container(RequestFailure{});
  rig.container(RequestSuccess{bytes_of("2")});
  CHECK(rig.to_user() == Lines{"success 1", "success 2"});
}

TEST_CASE("a refusal reaches a session that asked before it") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.user(ChannelRequest{0, "pty-req", true, {}});
  rig.user(ChannelRequest{0, "shell", true, {}});
  rig.to_user();
  rig.relay.refuse("no way");
  CHECK(rig.to_user() == Lines{"channel-success 5", "channel-success 5", "stderr 5 no way\r\n",
                               "request 5 exit-status false", "eof 5", "close 5"});
  rig.user(ChannelClose{0});
  CHECK_FALSE(rig.relay.has_channels());
}

TEST_CASE("a refusal reaches a session that asks after it") {
  Rig rig;
  rig.relay.refuse("no way");
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.user(ChannelRequest{0, "env", false, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=0"});
  rig.user(ChannelRequest{0, "exec", true, {}});
  CHECK(rig.to_user() ==
        Lines{"channel-success 5", "stderr 5 no way\r\n", "request 5 exit-status false", "eof 5", "close 5"});
}

TEST_CASE("a refusal fails forwards and global requests") {
  Rig rig;
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.relay.refuse("no way");
  CHECK(rig.to_user() == Lines{"failure", "refuse 5 no way"});
  rig.user(ChannelOpen{"direct-tcpip", 6, 1000, 100, {}});
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  CHECK(rig.to_user() == Lines{"refuse 6 no way", "failure"});
}

TEST_CASE("when the container is lost, running sessions end in order with the sentence") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.user(ChannelOpen{"direct-tcpip", 6, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{1, 10, 1, 1, {}});
  rig.to_user();
  rig.relay.refuse("lost");
  CHECK(rig.to_user() ==
        Lines{"stderr 5 lost\r\n", "request 5 exit-status false", "eof 5", "close 5", "eof 6", "close 6"});
}

TEST_CASE("a session that was told its exit status is not told another") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.container(ChannelRequest{0, "exit-status", false, {}});
  rig.to_user();
  rig.relay.refuse("lost");
  CHECK(rig.to_user() == Lines{"eof 5", "close 5"});
}

TEST_CASE("text of ours never exceeds the user's window") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 10, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.container(ChannelData{0, bytes_of("1234567")});
  rig.to_user();
  rig.relay.refuse("lost");
  CHECK(rig.to_user() == Lines{"request 5 exit-status false", "eof 5", "close 5"});
}

TEST_CASE("a session the container refuses after we confirmed it says why") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.connect();
  rig.to_user();
  rig.container(ChannelOpenFailure{0, OpenFailureCode::resource_shortage, "too many"});
  rig.user(ChannelRequest{0, "exec", true, {}});
  CHECK(rig.to_user() == Lines{"channel-success 5", "stderr 5 the container refused the session: too many\r\n",
                               "request 5 exit-status false", "eof 5", "close 5"});
}

TEST_CASE("breaking the protocol is noticed") {
  struct Case {
    const char* what;
    Side side;
    Message message;
  };
  const std::vector<Case> cases{
      {"data for a channel nobody opened", Side::user, ChannelData{4, {}}},
      {"a confirmation of nothing", Side::user, ChannelOpenConfirmation{4, 1, 1, 1, {}}},
      {"a confirmation of her own channel", Side::user, ChannelOpenConfirmation{0, 1, 1, 1, {}}},
      {"a second confirmation", Side::container, ChannelOpenConfirmation{0, 9, 1, 1, {}}},
      {"a refusal of an open channel", Side::container, ChannelOpenFailure{0, OpenFailureCode::connect_failed, ""}},
      {"a reply to no question", Side::user, RequestFailure{}},
      {"a reply to no question", Side::container, RequestSuccess{{}}},
  };
  for (const auto& row : cases) {
    CAPTURE(row.what);
    Rig rig;
    rig.connect();
    rig.open_session();
    CHECK_FALSE(rig.receive(row.side, row.message));
  }
}

TEST_CASE("nothing may follow a CLOSE") {
  Rig rig;
  rig.connect();
  rig.open_session();
  CHECK(rig.user(ChannelClose{0}));
  CHECK_FALSE(rig.user(ChannelEof{0}));
}

TEST_CASE("nothing may follow a CLOSE that is held") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  CHECK(rig.user(ChannelClose{0}));
  CHECK_FALSE(rig.user(ChannelEof{0}));
}

TEST_CASE("a container's unanswered questions are bounded") {
  Rig rig;
  rig.connect();
  bool fine = true;
  for (int i = 0; i < 2000 && fine; ++i) fine = rig.container(GlobalRequest{"keepalive@openssh.com", true, {}});
  CHECK_FALSE(fine);
}

TEST_CASE("data before the window is opened breaks the protocol") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  CHECK_FALSE(rig.user(ChannelData{0, bytes_of("x")}));
}

TEST_CASE("what is held while the container is being reached is bounded") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  const ByteVector value(30000, 'x');
  bool fine = true;
  for (int i = 0; i < 20 && fine; ++i) fine = rig.user(ChannelRequest{0, "env", false, value});
  CHECK_FALSE(fine);
}

TEST_CASE("channels are bounded, and the excess is refused without harm") {
  Rig rig;
  rig.connect();
  for (std::uint32_t i = 0; i < ChannelTable::kMaxChannels; ++i) rig.user(ChannelOpen{"session", i, 1, 1, {}});
  rig.to_user();
  CHECK(rig.user(ChannelOpen{"session", 99999, 1, 1, {}}));
  CHECK(rig.to_user() == Lines{"refuse 99999 too many channels in one connection"});
}

}  // namespace bastion::connection
