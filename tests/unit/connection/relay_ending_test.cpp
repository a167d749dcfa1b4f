// The relay: what is refused, what ends, and the sentence that says why (relay_ending.cpp, relay_notices.cpp).
#include <doctest/doctest.h>

#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {

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

TEST_CASE("a session whose exit status still waits for the user's window when the container is lost is told another") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 10, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.relay.say("12345", Relay::Audience::sessions);
  rig.container(ChannelData{0, bytes_of("abcdefghij")});
  rig.container(ChannelRequest{0, "exit-status", false, {}});
  CHECK(rig.to_user().back() == "data 5 abc");
  rig.relay.disconnect("lost", 255);
  CHECK(rig.to_user().empty());
  rig.user(ChannelWindowAdjust{0, 6});
  CHECK(rig.to_user() == Lines{"stderr 5 lost\r\n", "request 5 exit-status false", "eof 5", "close 5"});
}

TEST_CASE("an exit status is told before the session is closed, whatever the user says meanwhile") {
  const std::vector<Message> ends{ChannelRequest{0, "exit-status", false, {}}, ChannelEof{0}, ChannelClose{0}};
  for (const bool early : {false, true}) {
    for (std::size_t at = 0; at <= ends.size(); ++at) {
      for (const bool is_lost : {false, true}) {
        CAPTURE(early);
        CAPTURE(at);
        CAPTURE(is_lost);
        Rig rig;
        if (!early) rig.connect();
        rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
        rig.user(ChannelRequest{0, "exec", true, {}});
        if (early) rig.connect();
        rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
        rig.container(ChannelSuccess{0});
        rig.to_user();
        for (std::size_t i = 0; i <= ends.size(); ++i) {
          if (i == at) CHECK(rig.user(ChannelEof{0}));
          if (i < ends.size()) CHECK(rig.container(ends[i]));
        }
        if (is_lost) rig.relay.disconnect("lost", 255);
        CHECK(rig.user(ChannelClose{0}));
        CHECK(rig.to_user() == Lines{"request 5 exit-status false", "eof 5", "close 5"});
        CHECK_FALSE(rig.relay.has_channels());
      }
    }
  }
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

TEST_CASE("channels are bounded, and the excess is refused without harm") {
  Rig rig;
  rig.connect();
  for (std::uint32_t i = 0; i < ChannelTable::kMaxChannels; ++i) rig.user(ChannelOpen{"session", i, 1, 1, {}});
  rig.to_user();
  CHECK(rig.user(ChannelOpen{"session", 99999, 1, 1, {}}));
  CHECK(rig.to_user() == Lines{"refuse 99999 too many channels in one connection"});
}

TEST_CASE("a container that is lost is asked for again, and what led to the old one is told") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.connect();
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.listen();
  rig.container(rig.forwarded(3, 10, 10));
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

TEST_CASE("what the delegate refuses never gets to the container") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.listen();
  rig.why = "not for you";
  rig.user(ChannelOpen{"direct-tcpip", 6, 1, 1, {}});
  CHECK(rig.to_user() == Lines{"refuse 6 not for you"});
  rig.container(rig.forwarded(3, 1, 1));
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

TEST_CASE("text of several lines ends them as a terminal needs it, and is cut to the size of her packets") {
  Rig rig;
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1000, 64, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.to_user();
  rig.relay.say("one\n\ntwo\n", Relay::Audience::sessions);
  CHECK(rig.to_user() == Lines{"stderr 5 one\r\n\r\ntwo\r\n"});
  rig.relay.say(std::string(100, 'x'), Relay::Audience::sessions);
  CHECK(rig.to_user() == Lines{"stderr 5 " + std::string(64, 'x'), "stderr 5 " + std::string(36, 'x') + "\r\n"});
  rig.relay.say(std::string(1000, 'x'), Relay::Audience::sessions);
  CHECK(rig.to_user().empty());
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
