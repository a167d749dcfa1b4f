#include "bastion/connection/relay.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bastion/base/wire_format.h"
#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {
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

TEST_CASE("a channel number is used again only after both sides have closed it, and many others after it") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1, 1, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 1, 1, {}});
  rig.user(ChannelClose{0});
  rig.to_container();
  const auto open_and_close = [&](std::uint32_t number) {
    rig.user(ChannelOpen{"session", 6, 1, 1, {}});
    const bool as_expected = rig.to_container() == Lines{fmt::format("open session sender={} window=1", number)};
    rig.container(ChannelOpenConfirmation{number, 10, 1, 1, {}});
    rig.container(ChannelClose{number});
    rig.user(ChannelClose{number});
    rig.to_container();
    return as_expected;
  };
  constexpr auto kMany = static_cast<std::uint32_t>(ChannelTable::kResting);
  for (std::uint32_t number = 1; number <= kMany; ++number) CHECK(open_and_close(number));
  rig.container(ChannelClose{0});
  CHECK(open_and_close(1));  // 0 was closed last
  for (std::uint32_t number = 2; number <= kMany; ++number) CHECK(open_and_close(number));
  CHECK(open_and_close(0));
}

TEST_CASE("data larger than the container takes is cut, for a session confirmed early") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.connect();
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 64, {}});
  rig.to_container();
  const std::string whole(64, 'x');
  rig.user(ChannelData{0, bytes_of(whole + whole + "89")});
  rig.user(ChannelExtendedData{0, kStderr, bytes_of(whole + "e")});
  CHECK(rig.to_container() ==
        Lines{"data 9 " + whole, "data 9 " + whole, "data 9 89", "stderr 9 " + whole, "stderr 9 e"});
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
  rig.relay.refuse("no way", 255);
  CHECK(rig.to_user() == Lines{"channel-success 5", "channel-success 5", "stderr 5 no way\r\n",
                               "request 5 exit-status false", "eof 5", "close 5"});
  rig.user(ChannelClose{0});
  CHECK_FALSE(rig.relay.has_channels());
}

TEST_CASE("a refusal reaches a session that asks after it") {
  Rig rig;
  rig.relay.refuse("no way", 255);
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
  rig.relay.refuse("no way", 255);
  CHECK(rig.to_user() == Lines{"refuse 5 no way", "failure"});
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
  rig.relay.refuse("lost", 255);
  CHECK(rig.to_user() ==
        Lines{"stderr 5 lost\r\n", "request 5 exit-status false", "eof 5", "close 5", "eof 6", "close 6"});
}

TEST_CASE("a session that was told its exit status is not told another") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.container(ChannelRequest{0, "exit-status", false, {}});
  rig.to_user();
  rig.relay.refuse("lost", 255);
  CHECK(rig.to_user() == Lines{"eof 5", "close 5"});
}

TEST_CASE("text of ours never exceeds the user's window") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 10, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.container(ChannelData{0, bytes_of("1234567")});
  rig.to_user();
  rig.relay.refuse("lost", 255);
  CHECK(rig.to_user().empty());
  rig.user(ChannelWindowAdjust{0, 2});
  CHECK(rig.to_user().empty());
  rig.user(ChannelWindowAdjust{0, 1});
  CHECK(rig.to_user() == Lines{"stderr 5 lost\r\n", "request 5 exit-status false", "eof 5", "close 5"});
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

TEST_CASE("the container is asked for once, by the first thing that is to go there") {
  struct Case {
    const char* what;
    Message message;
    int wanted;
  };
  const std::vector<Case> cases{
      {"a session", ChannelOpen{"session", 5, 1, 1, {}}, 1},
      {"a forward", ChannelOpen{"direct-tcpip", 5, 1, 1, {}}, 1},
      {"a listener", GlobalRequest{"tcpip-forward", true, {}}, 1},
      {"a sign of life", GlobalRequest{"keepalive@openssh.com", true, {}}, 0},
      {"a promise about sessions", GlobalRequest{"no-more-sessions@openssh.com", false, {}}, 0},
      {"what only a container may know", GlobalRequest{"unheard-of", true, {}}, 0},
  };
  for (const auto& row : cases) {
    CAPTURE(row.what);
    Rig rig;
    rig.user(row.message);
    rig.user(row.message);
    CHECK(rig.wanted == row.wanted);
  }
}

TEST_CASE("a container that is lost is asked for again, and what led to the old one is told") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.connect();
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.container(ChannelOpen{"auth-agent@openssh.com", 3, 10, 10, {}});
  rig.container(GlobalRequest{"keepalive@openssh.com", true, {}});
  rig.to_user();
  rig.relay.disconnect("lost", 255);
  CHECK(rig.to_user() == Lines{"stderr 5 lost\r\n", "request 5 exit-status false", "eof 5", "close 5"});

  rig.user(ChannelOpen{"direct-tcpip", 6, 1, 1, {}});
  CHECK(rig.wanted == 2);
  rig.to_container();
  rig.connect();
  CHECK(rig.to_container() == Lines{"open direct-tcpip sender=2 window=1"});
  SUBCASE("an answer to the old one's channel reaches nobody") {
    CHECK(rig.user(ChannelOpenConfirmation{1, 8, 1, 1, {}}));
    CHECK(rig.to_user() == Lines{"eof 8", "close 8"});
    CHECK(rig.user(ChannelClose{1}));
  }
  SUBCASE("nor does a refusal of it") { CHECK(rig.user(ChannelOpenFailure{1, OpenFailureCode::connect_failed, ""})); }
  SUBCASE("nor does an answer to its question") { CHECK(rig.user(RequestFailure{})); }
  CHECK(rig.to_container().empty());
}

TEST_CASE("what the owner refuses never gets to the container") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.why = "not for you";
  rig.user(ChannelOpen{"direct-tcpip", 6, 1, 1, {}});
  CHECK(rig.to_user() == Lines{"refuse 6 not for you"});
  rig.container(ChannelOpen{"x11", 3, 1, 1, {}});
  CHECK(rig.to_container() == Lines{"refuse 3 not for you"});

  rig.why = "no listening";
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  CHECK(rig.to_user() == Lines{"stderr 5 no listening\r\n", "failure"});
  CHECK(rig.to_container().empty());
}

TEST_CASE("a refused request is refused in its turn, and says why") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.why = "no agents";
  rig.user(ChannelRequest{0, "auth-agent-req@openssh.com", true, {}});
  CHECK(rig.to_container() == Lines{"request 9 refused@bastion true"});
  CHECK(rig.to_user() == Lines{"stderr 5 no agents\r\n"});
  rig.container(ChannelFailure{0});
  CHECK(rig.to_user() == Lines{"channel-failure 5"});
  rig.user(ChannelRequest{0, "auth-agent-req@openssh.com", false, {}});
  CHECK(rig.to_container().empty());
}

TEST_CASE("a start that is refused ends its session in its turn, with the reason") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.user(ChannelRequest{0, "pty-req", true, {}});
  rig.to_container();
  rig.why = "for administrators";
  rig.user(ChannelRequest{0, "subsystem", true, {}});
  CHECK(rig.to_container() == Lines{"request 9 refused@bastion true"});
  rig.container(ChannelSuccess{0});
  CHECK(rig.to_user() == Lines{"channel-success 5"});
  rig.container(ChannelFailure{0});
  CHECK(rig.to_user() == Lines{"channel-success 5", "stderr 5 for administrators\r\n", "request 5 exit-status false",
                               "eof 5", "close 5"});
  CHECK(rig.to_container() == Lines{"close 9"});
  SUBCASE("whatever the container says yet") {
    rig.container(ChannelData{0, bytes_of("$ ")});
    rig.container(ChannelClose{0});
    rig.user(ChannelClose{0});
  }
  SUBCASE("also when the container is gone then") {
    rig.relay.disconnect("gone", 255);
    rig.user(ChannelClose{0});
  }
  CHECK(rig.to_user().empty());
  CHECK(rig.relay.channels() == 0);
}

TEST_CASE("a user who has closed her session and reads nothing is not waited for when the container is gone") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 0, 32768, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 0, 32768, {}});
  rig.user(ChannelClose{0});
  rig.to_user();
  rig.relay.disconnect("gone", 255);
  CHECK(rig.to_user() == Lines{"eof 5", "close 5"});
  CHECK_FALSE(rig.relay.has_channels());
}

TEST_CASE("a user who leaves before her start is refused is let go") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.why = "for administrators";
  rig.user(ChannelRequest{0, "shell", true, {}});
  rig.user(ChannelClose{0});
  rig.container(ChannelFailure{0});
  rig.container(ChannelClose{0});
  CHECK(rig.to_user() == Lines{"channel-failure 5", "close 5"});
  CHECK(rig.relay.channels() == 0);
}

TEST_CASE("a forced command takes the place of what was asked for") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.forced = "uptime";
  rig.user(ChannelRequest{0, "shell", true, {}});
  CHECK(rig.to_container() == Lines{"request 9 exec true"});
}

TEST_CASE("why a listener was refused is said in the next session, if there is none yet") {
  Rig rig;
  rig.connect();
  rig.why = "no listening";
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  CHECK(rig.to_user() == Lines{"failure"});
  rig.why.clear();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=2000", "stderr 5 no listening\r\n"});
}

TEST_CASE("it is said to a session that is confirmed early too") {
  Rig rig;
  rig.why = "no listening";
  rig.user(GlobalRequest{"tcpip-forward", true, {}});
  rig.why.clear();
  rig.to_user();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=0", "stderr 5 no listening\r\n"});
  rig.connect();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=986"});
}

TEST_CASE("text of ours is paid from her window, and what she pays back is not the container's") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 10, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.to_container();
  rig.to_user();
  rig.relay.say("12345", Relay::Audience::sessions);
  CHECK(rig.to_user() == Lines{"stderr 5 12345\r\n"});
  rig.container(ChannelData{0, bytes_of("abcdefghij")});
  CHECK(rig.to_user() == Lines{"data 5 abc"});
  rig.container(ChannelEof{0});
  rig.container(ChannelClose{0});
  CHECK(rig.to_user().empty());
  rig.user(ChannelWindowAdjust{0, 7});
  CHECK(rig.to_user() == Lines{"data 5 defghij", "eof 5", "close 5"});
  CHECK(rig.to_container().empty());
  rig.user(ChannelClose{0});
  CHECK_FALSE(rig.relay.has_channels());
}

TEST_CASE("a warning is for terminals") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.relay.say("soon", Relay::Audience::terminals);
  CHECK(rig.to_user().empty());
  rig.user(ChannelRequest{0, "pty-req", false, {}});
  rig.relay.say("soon", Relay::Audience::terminals);
  CHECK(rig.to_user() == Lines{"stderr 5 soon\r\n"});
}

TEST_CASE("a channel the bastion serves is confirmed when it is accepted, and the container never hears of it") {
  Rig rig;
  rig.serves = true;
  rig.user(ChannelOpen{"direct-tcpip", 5, 100, 10, {}});
  CHECK(rig.to_user().empty());
  CHECK_FALSE(rig.user(ChannelData{0, bytes_of("early")}));
  auto channel = rig.channels.front().accept();
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=2097152"});
  channel->write(bytes_of("hello"));
  CHECK(rig.to_user() == Lines{"data 5 hello"});
  CHECK(rig.user(ChannelData{0, bytes_of("hi")}));
  CHECK(rig.relay.traffic().from_user == 2);
  CHECK(rig.relay.traffic().from_container == 5);
  channel.reset();
  CHECK(rig.to_user() == Lines{"close 5"});
  CHECK(rig.user(ChannelClose{0}));
  CHECK_FALSE(rig.relay.has_channels());
  CHECK(rig.wanted == 0);
}

TEST_CASE("an offer that is dropped is refused") {
  Rig rig;
  rig.serves = true;
  rig.user(ChannelOpen{"direct-tcpip", 5, 100, 10, {}});
  rig.channels.clear();
  CHECK(rig.to_user() == Lines{"refuse 5 the bastion has not answered"});
  CHECK_FALSE(rig.relay.has_channels());
}

// A session whose way is not decided yet, with a terminal and a shell asked for.
struct UndecidedRig {
  Rig rig;
  UndecidedRig() {
    rig.serves = true;
    WireWriter size;
    size.string(std::string_view{"xterm"}).u32(80).u32(24).u32(0).u32(0).string(std::string_view{});
    rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
    rig.user(ChannelRequest{0, "pty-req", true, size.view()});
    rig.user(ChannelRequest{0, "shell", true, {}});
  }
};

TEST_CASE("a session that is offered has said what it wants") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=0"});
  REQUIRE(rig.sessions.size() == 1);
  const auto& start = rig.sessions.front().start();
  CHECK(start.kind == SessionStart::Kind::shell);
  REQUIRE(start.terminal);
  CHECK(start.terminal->columns == 80);
  CHECK(rig.wanted == 0);
}

TEST_CASE("a session that may pass goes on as if nobody had asked") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  rig.user(GlobalRequest{"no-more-sessions@openssh.com", false, {}});
  rig.sessions.front().pass();
  CHECK(rig.wanted == 1);
  rig.to_user();
  rig.connect();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=1000", "global no-more-sessions@openssh.com false"});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_container() == Lines{"request 9 pty-req true", "request 9 shell true"});
  CHECK(rig.to_user() == Lines{"adjust 5 2000"});
}

TEST_CASE("a session that was served first goes on with the windows as they are") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  rig.to_user();
  auto session = rig.sessions.front().serve(100);
  CHECK(rig.to_user() == Lines{"adjust 5 100", "channel-success 5", "channel-success 5"});
  session->stream().write(bytes_of("menu"));
  rig.user(ChannelData{0, bytes_of("2")});
  session->pass();
  rig.to_user();
  rig.connect();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=996"});
  SUBCASE("the container grants more than she has left") {
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    CHECK(rig.to_user() == Lines{"adjust 5 1901"});
    CHECK(rig.to_container() == Lines{"request 9 pty-req false", "request 9 shell false"});
  }
  SUBCASE("what she sends before it is there is held, as far as it was granted") {
    CHECK(rig.user(ChannelData{0, bytes_of("ls")}));
    CHECK_FALSE(rig.user(ChannelData{0, ByteVector(98, 'x')}));
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    CHECK(rig.to_user() == Lines{"adjust 5 1901"});
    CHECK(rig.to_container() == Lines{"request 9 pty-req false", "request 9 shell false", "data 9 ls"});
  }
  SUBCASE("the container grants less") {
    rig.container(ChannelOpenConfirmation{0, 9, 3, 200, {}});
    rig.to_container();
    CHECK(rig.to_user().empty());
    rig.user(ChannelData{0, bytes_of("abcdef")});
    CHECK(rig.to_container() == Lines{"data 9 abc"});
    rig.container(ChannelWindowAdjust{0, 100});
    CHECK(rig.to_container() == Lines{"data 9 def"});
    CHECK(rig.to_user() == Lines{"adjust 5 4"});
  }
}

TEST_CASE("a terminal that is denied is refused where the session is served, and asked about where it is not") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  rig.to_user();
  CHECK(rig.sessions.front().start().terminal);
  rig.sessions.front().deny_terminal("no terminal");
  CHECK_FALSE(rig.sessions.front().start().terminal);
  SUBCASE("served") {
    const auto session = rig.sessions.front().serve(100);
    CHECK(rig.to_user() == Lines{"adjust 5 100", "channel-failure 5", "channel-success 5", "stderr 5 no terminal\r\n"});
  }
  SUBCASE("not served") {
    rig.sessions.front().pass();
    rig.connect();
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    CHECK(rig.to_container() ==
          Lines{"open session sender=0 window=1000", "request 9 pty-req true", "request 9 shell true"});
  }
}

TEST_CASE("a served session speaks on standard error under the same window, behind its standard output") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  auto session = rig.sessions.front().serve(100);
  rig.to_user();
  auto& stream = session->stream();
  stream.write(bytes_of(std::string(990, 'o')));
  rig.to_user();
  stream.write_error(bytes_of("no such thing"));
  CHECK(rig.to_user() == Lines{"stderr 5 no such th"});
  CHECK(stream.backlog() == 3);
  stream.write(bytes_of("out"));
  CHECK(rig.to_user().empty());
  rig.user(ChannelWindowAdjust{0, 4});
  CHECK(rig.to_user() == Lines{"data 5 out", "stderr 5 i"});
  rig.user(ChannelWindowAdjust{0, 100});
  CHECK(rig.to_user() == Lines{"stderr 5 ng"});
  CHECK(stream.backlog() == 0);
}

TEST_CASE("standard error is cut to the packets the user takes") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  auto session = rig.sessions.front().serve(100);
  rig.to_user();
  session->stream().write_error(bytes_of(std::string(150, 'e')));
  CHECK(rig.to_user() == Lines{"stderr 5 " + std::string(100, 'e'), "stderr 5 " + std::string(50, 'e')});
}

TEST_CASE("a served session ends when everything is sent, standard error too") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  auto session = rig.sessions.front().serve(100);
  session->stream().write(bytes_of(std::string(1000, 'o')));
  session->stream().write_error(bytes_of("why"));
  rig.to_user();
  session->exit(1);
  CHECK(rig.to_user() == Lines{"request 5 exit-status false"});
  rig.user(ChannelWindowAdjust{0, 100});
  CHECK(rig.to_user() == Lines{"stderr 5 why", "eof 5"});
  session.reset();
  CHECK(rig.to_user() == Lines{"close 5"});
}

TEST_CASE("a window that changes while a session is served is the container's window size") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  auto session = rig.sessions.front().serve(100);
  WireWriter size;
  size.u32(132).u32(50).u32(0).u32(0);
  rig.user(ChannelRequest{0, "window-change", false, size.view()});
  CHECK(session->start().terminal->columns == 132);
  session->pass();
  rig.connect();
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  const auto asked = rig.container_sink.packets();
  const auto terminal = std::ranges::find_if(asked, [](const ByteVector& packet) {
    const auto message = parse(packet);
    const auto* const request = std::get_if<ChannelRequest>(&*message);
    return request != nullptr && request->type == "pty-req";
  });
  REQUIRE(terminal != asked.end());
  const auto message = parse(*terminal);
  CHECK(parse_terminal(std::get<ChannelRequest>(*message))->rows == 50);
}

TEST_CASE("a session that is refused reads why") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  rig.to_user();
  rig.sessions.front().refuse("which one?", 1);
  CHECK(rig.to_user() == Lines{"channel-success 5", "channel-success 5", "stderr 5 which one?\r\n",
                               "request 5 exit-status false", "eof 5", "close 5"});
}

TEST_CASE("a session that its user closes while it is offered is closed when it is answered") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  CHECK(rig.user(ChannelClose{0}));
  rig.to_user();
  SUBCASE("by passing it") {
    rig.sessions.front().pass();
    rig.connect();
    rig.container(ChannelOpenConfirmation{0, 9, 1, 100, {}});
    rig.container(ChannelClose{0});
  }
  SUBCASE("by serving it and passing it on") {
    const auto session = rig.sessions.front().serve(10);
    session->pass();
    CHECK(rig.wanted == 0);
  }
  SUBCASE("by serving it") {
    const auto session = rig.sessions.front().serve(10);
    CHECK_FALSE(session->stream().peer_number());
  }
  SUBCASE("by refusing it") { rig.sessions.front().refuse("no", 1); }
  SUBCASE("by refusing everything") {
    rig.relay.refuse("no", 1);
    rig.sessions.clear();
  }
  CHECK_FALSE(rig.relay.has_channels());
  CHECK(rig.to_user().back() == "close 5");
}

TEST_CASE("windows beyond 2^32-1 break the protocol") {
  Rig rig;
  rig.connect();
  rig.open_session();
  CHECK_FALSE(rig.user(ChannelWindowAdjust{0, 0xffffffff}));
  CHECK_FALSE(rig.container(ChannelWindowAdjust{0, 0xffffffff}));
}

TEST_CASE("what waits for windows is bounded over all channels") {
  Rig rig;
  rig.connect();
  const ByteVector data(20'000, 'x');
  bool fine = true;
  std::uint32_t channels = 0;
  for (; fine && channels < 100; ++channels) {
    rig.user(ChannelOpen{"direct-tcpip", channels, 1000, 32768, {}});
    rig.container(ChannelOpenConfirmation{channels, channels, 0, 32768, {}});
    fine = rig.user(ChannelData{channels, data});
  }
  CHECK(channels == 14);
}

TEST_CASE("what waited is sent in order, in the pieces the window takes, and waits no more") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 0, 100, {}});
  rig.user(ChannelData{0, bytes_of("abcdef")});
  rig.user(ChannelData{0, bytes_of("gh")});
  rig.user(ChannelEof{0});
  rig.to_container();
  rig.container(ChannelWindowAdjust{0, 4});
  CHECK(rig.to_container() == Lines{"data 9 abcd"});
  rig.container(ChannelWindowAdjust{0, 4});
  CHECK(rig.to_container() == Lines{"data 9 ef", "data 9 gh", "eof 9"});
  for (int i = 0; i < 1000; ++i) {
    CHECK(rig.user(ChannelData{0, bytes_of("abcd")}));
    rig.container(ChannelWindowAdjust{0, 4});
  }
}

TEST_CASE("text of ours keeps to the size of her packets") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1000, 4, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.to_user();
  rig.relay.say("a line", Relay::Audience::sessions);
  CHECK(rig.to_user().empty());
  rig.relay.refuse("lost", 255);
  CHECK(rig.to_user() == Lines{"request 5 exit-status false", "eof 5", "close 5"});
}

TEST_CASE("data is not cut into thousands of pieces") {
  const ByteVector data(32'000, 'x');
  SUBCASE("for a container that names a tiny packet size after its session was confirmed") {
    Rig rig;
    rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
    rig.connect();
    CHECK_FALSE(rig.container(ChannelOpenConfirmation{0, 9, 100'000, 1, {}}));
  }
  SUBCASE("for a sender who knew better") {
    Rig rig;
    rig.connect();
    rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
    rig.container(ChannelOpenConfirmation{0, 9, 100'000, 1, {}});
    CHECK_FALSE(rig.user(ChannelData{0, data}));
  }
}

TEST_CASE("what a container opens is never served") {
  Rig rig;
  rig.connect();
  rig.serves = true;
  rig.container(ChannelOpen{"session", 9, 1000, 100, {}});
  CHECK(rig.to_user() == Lines{"open session sender=0 window=1000"});
}

TEST_CASE("nothing is said on a session before it is confirmed") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.relay.say("a line", Relay::Audience::sessions);
  CHECK(rig.to_user().empty());
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=2000", "stderr 5 a line\r\n"});
}

}  // namespace bastion::connection
