// The relay: opening channels, while the container is being reached and afterwards (relay_opening.cpp).
#include <doctest/doctest.h>

#include <limits>
#include <utility>
#include <vector>

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

TEST_CASE("a forward opened while the container is being reached waits for the container's own answer") {
  Rig rig;
  rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}});
  CHECK(rig.to_user().empty());
  rig.connect();
  CHECK(rig.to_container() == Lines{"open direct-tcpip sender=0 window=1000"});
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=2000"});
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

TEST_CASE("channels the container opens reach the user who has asked for them: agent, X11, -R") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.listen();
  rig.user(ChannelRequest{0, "auth-agent-req@openssh.com", false, {}});
  rig.user(ChannelRequest{0, "x11-req", false, {}});
  rig.to_container();
  rig.container(ChannelOpen{"auth-agent@openssh.com", 3, 10, 10, {}});
  CHECK(rig.to_user() == Lines{"open auth-agent@openssh.com sender=1 window=10"});
  rig.user(ChannelOpenConfirmation{1, 8, 20, 20, {}});
  CHECK(rig.to_container() == Lines{"confirm 3 sender=1 window=20"});
  rig.container(rig.forwarded(4, 10, 10));
  rig.user(ChannelOpenFailure{2, OpenFailureCode::connect_failed, "refused"});
  CHECK(rig.to_container() == Lines{"refuse 4 refused"});
  rig.container(ChannelOpen{"x11", 5, 10, 10, {}});
  CHECK(rig.to_user() == Lines{"open forwarded-tcpip sender=2 window=10", "open x11 sender=3 window=10"});
  CHECK(rig.unasked.empty());
}

TEST_CASE("a channel of the container's that nobody has asked for does not reach the user") {
  Rig rig;
  rig.connect();
  rig.open_session();
  for (const auto* type : {"session", "x11", "auth-agent@openssh.com", "forwarded-tcpip", "direct-tcpip"}) {
    rig.container(ChannelOpen{type, 3, 10, 10, rig.connected});
    CHECK(rig.to_container() == Lines{"refuse 3 the user has not asked for this"});
    CHECK(std::exchange(rig.unasked, {}) == Lines{type});
  }
  CHECK(rig.to_user().empty());
}

TEST_CASE("what a user asked for is gone with what it was asked of") {
  Rig rig;
  rig.connect();
  SUBCASE("a display, with the session") {
    rig.open_session();
    rig.user(ChannelRequest{0, "x11-req", true, {}});
    rig.user(ChannelClose{0});
    rig.container(ChannelClose{0});
    rig.to_container();
    rig.container(ChannelOpen{"x11", 3, 10, 10, {}});
  }
  SUBCASE("a listener, when its cancel is granted") {
    rig.listen();
    rig.user(GlobalRequest{"cancel-tcpip-forward", true, rig.asked});
    rig.container(rig.forwarded(2, 10, 10));  // on its way when that came
    CHECK(rig.to_user() == Lines{"open forwarded-tcpip sender=0 window=10"});
    rig.container(RequestSuccess{});
    rig.to_container();
    rig.container(rig.forwarded(3, 10, 10));
  }
  SUBCASE("a listener that nobody wants to hear of when it is cancelled") {
    rig.listen();
    rig.user(GlobalRequest{"cancel-tcpip-forward", false, rig.asked});
    rig.to_container();
    rig.container(rig.forwarded(3, 10, 10));
  }
  SUBCASE("a listener that was refused") {
    rig.user(GlobalRequest{"tcpip-forward", true, rig.asked});
    rig.container(RequestFailure{});
    rig.to_container();
    rig.container(rig.forwarded(3, 10, 10));
  }
  SUBCASE("all of it, with the container") {
    rig.listen();
    rig.relay.disconnect("lost", 255);
    rig.user(ChannelOpen{"direct-tcpip", 6, 1, 1, {}});
    rig.connect();
    rig.to_container();
    rig.container(rig.forwarded(3, 10, 10));
  }
  CHECK(rig.to_container() == Lines{"refuse 3 the user has not asked for this"});
}

TEST_CASE("nobody is promised larger packets than a transport carries, whoever opens, and smaller ones are passed on") {
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  const auto told = [](RecordingSink& sink) {
    const auto packets = sink.packets();
    const auto message = parse(packets.back());
    if (const auto* open = std::get_if<ChannelOpen>(&*message)) return open->max_packet;
    return std::get<ChannelOpenConfirmation>(*message).max_packet;
  };
  for (const auto& [accepts, passed] : {std::pair{kMost, kLargestData},
                                        {kLargestData + 1, kLargestData},
                                        {kLargestData, kLargestData},
                                        {32768U, 32768U},
                                        {1U, 1U},
                                        {0U, 0U}}) {
    CAPTURE(accepts);
    Rig rig;
    rig.connect();
    rig.listen();
    rig.user(ChannelOpen{"direct-tcpip", 5, 1000, accepts, {}});
    CHECK(told(rig.container_sink) == passed);
    rig.container(ChannelOpenConfirmation{0, 9, 2000, accepts, {}});
    CHECK(told(rig.user_sink) == passed);
    rig.container(rig.forwarded(4, 10, accepts));
    CHECK(told(rig.user_sink) == passed);
    rig.user(ChannelOpenConfirmation{1, 8, 20, accepts, {}});
    CHECK(told(rig.container_sink) == passed);
  }
}

TEST_CASE("what is held while the container is being reached is bounded") {
  Rig rig;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  const ByteVector value(30000, 'x');
  bool fine = true;
  for (int i = 0; i < 20 && fine; ++i) fine = rig.user(ChannelRequest{0, "env", false, value});
  CHECK_FALSE(fine);
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

}  // namespace bastion::connection
