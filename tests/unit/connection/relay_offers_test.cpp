// The relay: sessions that the bastion serves itself, for good or until they pass (relay_offers.cpp).
#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "bastion/base/wire_format.h"
#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {

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
  CHECK(rig.relay.traffic().used() == 7);
  channel.reset();
  CHECK(rig.to_user() == Lines{"close 5"});
  CHECK(rig.user(ChannelClose{0}));
  CHECK_FALSE(rig.relay.has_channels());
  CHECK(rig.wanted == 0);
}

TEST_CASE("what passes in a channel that is counted apart is traffic, and no use") {
  Rig rig;
  rig.serves = true;
  rig.user(ChannelOpen{"direct-tcpip", 5, 100, 10, {}});
  const auto channel = rig.channels.front().accept();
  CHECK(rig.user(ChannelData{0, bytes_of("before")}));
  channel->count_apart();
  channel->write(bytes_of("hello"));
  CHECK(rig.user(ChannelData{0, bytes_of("hi")}));
  CHECK(rig.relay.traffic().from_user == 8);
  CHECK(rig.relay.traffic().from_container == 5);
  CHECK(rig.relay.traffic().apart == 7);
  CHECK(rig.relay.traffic().used() == 6);
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
  CHECK(rig.to_user() == Lines{"confirm 5 sender=0 window=0", "channel-success 5"});
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

TEST_CASE("other channels pass a session that has not said yet where it leads") {
  Rig rig;
  rig.serves = true;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.serves = false;
  rig.user(ChannelOpen{"direct-tcpip", 6, 1000, 100, {}});
  CHECK(rig.wanted == 1);
  rig.user(GlobalRequest{"no-more-sessions@openssh.com", false, {}});
  rig.connect();
  CHECK(rig.to_container() == Lines{"open direct-tcpip sender=1 window=1000"});
  rig.user(ChannelOpen{"direct-tcpip", 7, 1000, 100, {}});
  CHECK(rig.to_container().empty());  // behind what is said of all that came before
  rig.user(ChannelRequest{0, "shell", true, {}});
  rig.sessions.front().pass();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=1000", "global no-more-sessions@openssh.com false",
                                    "open direct-tcpip sender=2 window=1000"});
}

TEST_CASE("where nothing but such sessions waits, other channels do not") {
  Rig rig;
  rig.connect();
  rig.serves = true;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.serves = false;
  rig.user(ChannelOpen{"direct-tcpip", 6, 1000, 100, {}});
  CHECK(rig.to_container() == Lines{"open direct-tcpip sender=1 window=1000"});
}

TEST_CASE("a session that was served first goes on with the windows as they are") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  rig.to_user();
  auto session = rig.sessions.front().serve(100);
  CHECK(rig.to_user() == Lines{"adjust 5 100", "channel-success 5"});
  session->stream().write(bytes_of("menu"));
  rig.user(ChannelData{0, bytes_of("2")});
  session->pass();
  rig.to_user();
  rig.connect();
  CHECK(rig.to_container() == Lines{"open session sender=0 window=996"});
  SUBCASE("the container grants more than she has left") {
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    CHECK(rig.to_user() == Lines{"adjust 5 1901"});
    CHECK(rig.to_container() == Lines{"request 9 pty-req true", "request 9 shell true"});
    rig.container(ChannelSuccess{0});
    rig.container(ChannelSuccess{0});
    CHECK(rig.to_user().empty());  // she has been answered
    rig.user(ChannelRequest{0, "window-change", true, {}});
    rig.container(ChannelSuccess{0});
    CHECK(rig.to_user() == Lines{"channel-success 5"});
  }
  SUBCASE("the container refuses the terminal") {
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    rig.to_user();
    rig.container(ChannelFailure{0});
    CHECK(rig.to_user() == Lines{"stderr 5 bastion: the container refuses pty-req\r\n"});
    rig.container(ChannelSuccess{0});
    CHECK(rig.to_user().empty());
    CHECK(rig.relay.has_channels());
  }
  SUBCASE("the container refuses the shell: she does not wait at a dead terminal") {
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    rig.to_user();
    rig.to_container();
    rig.container(ChannelSuccess{0});
    rig.container(ChannelFailure{0});
    CHECK(rig.to_user() == Lines{"stderr 5 bastion: the container refuses shell\r\n", "request 5 exit-status false",
                                 "eof 5", "close 5"});
    CHECK(rig.to_container() == Lines{"close 9"});
    CHECK(rig.user(ChannelData{0, bytes_of("ls")}));
    rig.user(ChannelClose{0});
    rig.container(ChannelClose{0});
    CHECK(rig.to_user().empty());
    CHECK_FALSE(rig.relay.has_channels());
  }
  SUBCASE("what she sends before it is there is held, as far as it was granted") {
    CHECK(rig.user(ChannelData{0, bytes_of("ls")}));
    CHECK_FALSE(rig.user(ChannelData{0, ByteVector(98, 'x')}));
    rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
    CHECK(rig.to_user() == Lines{"adjust 5 1901"});
    CHECK(rig.to_container() == Lines{"request 9 pty-req true", "request 9 shell true", "data 9 ls"});
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

TEST_CASE("what is asked before a session has said where it leads is answered at once, in order") {
  struct Row {
    const char* type;
    bool want_reply;
    Lines answer;
  };
  const Row rows[] = {
      {"pty-req", true, {"channel-success 5"}},
      {"pty-req", false, {}},
      {"env", true, {"channel-success 5"}},
      {"x11-req", true, {"channel-success 5"}},
      {"auth-agent-req@openssh.com", true, {"channel-success 5"}},
      {"window-change", true, {"channel-success 5"}},
      {"keepalive@openssh.com", true, {"channel-failure 5"}},  // as every server that does not know it
      {"winadj@putty.projects.tartarus.org", true, {"channel-failure 5"}},
      {"simple@putty.projects.tartarus.org", false, {}},
      {"signal", true, {"channel-failure 5"}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.type);
    Rig rig;
    rig.serves = true;
    rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
    rig.to_user();
    rig.user(ChannelRequest{0, row.type, row.want_reply, {}});
    CHECK(rig.to_user() == row.answer);
    CHECK(rig.sessions.empty());
    rig.user(ChannelRequest{0, "shell", true, {}});
    CHECK(rig.to_user().empty());
    rig.sessions.front().refuse("no", 1);
    CHECK(rig.to_user() ==
          Lines{"channel-success 5", "stderr 5 no\r\n", "request 5 exit-status false", "eof 5", "close 5"});
  }
}

TEST_CASE("what the policy refuses is refused at once, with the reason, and is not asked for later") {
  Rig rig;
  rig.serves = true;
  rig.user(ChannelOpen{"session", 5, 1000, 100, {}});
  rig.to_user();
  rig.why = "no terminal";
  rig.user(ChannelRequest{0, "pty-req", true, {}});
  CHECK(rig.to_user() == Lines{"stderr 5 no terminal\r\n", "channel-failure 5"});
  rig.why.clear();
  rig.user(ChannelRequest{0, "shell", true, {}});
  REQUIRE(rig.sessions.size() == 1);
  CHECK_FALSE(rig.sessions.front().start().terminal);
  rig.sessions.front().pass();
  rig.connect();
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  CHECK(rig.to_container() == Lines{"open session sender=0 window=987", "request 9 shell true"});
}

TEST_CASE("a container that refuses what was granted before it could be asked is said to") {
  UndecidedRig undecided;
  auto& rig = undecided.rig;
  rig.sessions.front().pass();
  rig.connect();
  rig.container(ChannelOpenConfirmation{0, 9, 2000, 200, {}});
  rig.to_user();
  rig.container(ChannelFailure{0});
  CHECK(rig.to_user() == Lines{"stderr 5 bastion: the container refuses pty-req\r\n"});
  rig.container(ChannelSuccess{0});
  CHECK(rig.to_user() == Lines{"channel-success 5"});  // of the shell, which was not answered before
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
  CHECK(rig.to_user() ==
        Lines{"channel-success 5", "stderr 5 which one?\r\n", "request 5 exit-status false", "eof 5", "close 5"});
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

TEST_CASE("what a container opens is never served") {
  Rig rig;
  rig.connect();
  rig.listen();
  rig.serves = true;
  rig.container(rig.forwarded(9, 1000, 100));
  CHECK(rig.to_user() == Lines{"open forwarded-tcpip sender=0 window=1000"});
}

// The user's agent, which the bastion asks for (open_agent()).

TEST_CASE("the bastion opens a channel to the user's agent, and no container is wanted for it") {
  Rig rig;
  auto agent = rig.relay.open_agent();
  CHECK(rig.to_user() == Lines{"open auth-agent@openssh.com sender=0 window=2097152"});
  agent->write(bytes_of("keys?"));
  CHECK(rig.to_user().empty());
  CHECK(rig.user(ChannelOpenConfirmation{0, 7, 1000, 100, {}}));
  CHECK(agent->opened().is_set());
  CHECK(rig.to_user() == Lines{"data 7 keys?"});
  CHECK(rig.user(ChannelData{0, bytes_of("none")}));
  CHECK(rig.relay.served() == 0);
  agent.reset();
  CHECK(rig.to_user() == Lines{"close 7"});
  CHECK(rig.user(ChannelData{0, bytes_of("late")}));
  CHECK(rig.user(ChannelClose{0}));
  CHECK_FALSE(rig.relay.has_channels());
  CHECK(rig.wanted == 0);
}

TEST_CASE("a client that has no agent to offer says so") {
  Rig rig;
  const auto agent = rig.relay.open_agent();
  rig.to_user();
  CHECK(rig.user(ChannelOpenFailure{0, OpenFailureCode::administratively_prohibited, "open failed"}));
  CHECK(agent->opened().is_set());
  CHECK_FALSE(rig.relay.has_channels());
}

TEST_CASE("a channel to the agent that nobody waits for any more is closed when the client confirms it") {
  Rig rig;
  rig.relay.open_agent().reset();
  CHECK(rig.to_user() == Lines{"open auth-agent@openssh.com sender=0 window=2097152"});
  CHECK(rig.user(ChannelOpenConfirmation{0, 7, 1000, 100, {}}));
  CHECK(rig.to_user() == Lines{"close 7"});
  CHECK_FALSE(rig.user(ChannelOpenConfirmation{0, 7, 1000, 100, {}}));
  CHECK(rig.user(ChannelClose{0}));
  CHECK_FALSE(rig.relay.has_channels());
}

TEST_CASE(
    "a client that sends more to the bastion than its window covers, in a channel to its agent, breaks the protocol") {
  Rig rig;
  const auto agent = rig.relay.open_agent();
  CHECK(rig.user(ChannelOpenConfirmation{0, 7, 1000, 100, {}}));
  const ByteVector much(LocalChannel::kWindow / 64);
  for (int i = 0; i < 64; ++i) REQUIRE(rig.user(ChannelData{0, much}));
  CHECK_FALSE(rig.user(ChannelData{0, bytes_of("x")}));
}

TEST_CASE("what the container opens goes beside the channel to the agent") {
  Rig rig;
  rig.connect();
  rig.open_session();
  rig.user(ChannelRequest{0, "auth-agent-req@openssh.com", true, {}});
  const auto agent = rig.relay.open_agent();
  CHECK(rig.container(ChannelOpen{"auth-agent@openssh.com", 4, 1000, 100, {}}));
  rig.to_user();
  CHECK(rig.user(ChannelOpenConfirmation{2, 8, 1000, 100, {}}));
  CHECK(rig.user(ChannelOpenConfirmation{1, 7, 1000, 100, {}}));
  CHECK(rig.user(ChannelData{2, bytes_of("for it")}));
  CHECK(rig.to_container().back() == "data 4 for it");
}

TEST_CASE("when everything is refused, no agent is asked any more") {
  Rig rig;
  const auto agent = rig.relay.open_agent();
  CHECK(rig.user(ChannelOpenConfirmation{0, 7, 1000, 100, {}}));
  rig.to_user();
  rig.relay.refuse("closed", 255);
  CHECK(rig.to_user() == Lines{"close 7"});
  CHECK(agent->prepare(1).empty());
  CHECK(rig.user(ChannelData{0, bytes_of("late")}));
  CHECK(rig.user(ChannelClose{0}));
  CHECK_FALSE(rig.relay.has_channels());
  CHECK(rig.relay.open_agent() == nullptr);
}

}  // namespace bastion::connection
