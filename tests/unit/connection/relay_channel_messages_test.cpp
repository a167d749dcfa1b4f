// The relay: data, windows and closing, as each side counts them, and what breaks the protocol
// (relay_channel_messages.cpp).
#include <doctest/doctest.h>

#include <string>

#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {

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

TEST_CASE("a notice is for the session that has asked, and for no other one of the connection") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.user(ChannelOpen{"session", 6, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{1, 10, 2000, 200, {}});
  rig.to_user();
  rig.to_container();
  rig.notice = "by the way";
  rig.user(ChannelRequest{1, "exec", true, {}});
  CHECK(rig.to_user() == Lines{"stderr 6 by the way\r\n"});
  CHECK(rig.to_container() == Lines{"request 10 exec true"});
}

TEST_CASE("a variable of ours is set before a session starts, and asks for no answer") {
  for (const auto& forced : {std::string{}, std::string("uptime")}) {
    Rig rig;
    rig.relay.set_variable("LC_SSH_CLIENT", "203.0.113.7 50000");
    rig.connect();
    rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    rig.user(ChannelRequest{0, "window-change", false, {}});
    CHECK(rig.to_container().back() == "request 9 window-change false");
    rig.forced = forced;
    rig.user(ChannelRequest{0, "exec", true, {}});
    const auto packets = rig.container_sink.packets();
    REQUIRE(packets.size() == 2);
    CHECK(line_of(*parse(packets[0])) == "request 9 env false");
    CHECK(parse_variable(std::get<ChannelRequest>(*parse(packets[0]))) ==
          std::pair(std::string("LC_SSH_CLIENT"), std::string("203.0.113.7 50000")));
    CHECK(line_of(*parse(packets[1])) == "request 9 exec true");
    rig.container(ChannelSuccess{0});
    CHECK(rig.to_user().back() == "channel-success 5");
  }
}

TEST_CASE("a variable of ours is not set for a start that is refused") {
  Rig rig;
  rig.relay.set_variable("LC_SSH_CLIENT", "203.0.113.7 50000");
  rig.connect();
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.to_container();
  rig.why = "no";
  rig.user(ChannelRequest{0, "exec", true, {}});
  CHECK(rig.to_container() == Lines{"request 9 refused@bastion true"});
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

TEST_CASE("data before the window is opened breaks the protocol") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  CHECK_FALSE(rig.user(ChannelData{0, bytes_of("x")}));
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

}  // namespace bastion::connection
