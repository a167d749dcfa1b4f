// Every kind of message about a channel, from the user, in every state of the channel. Beside it what OpenSSH 9.2 does
// with the same; tests/stories/test_late_messages.py asks a real sshd, so that this table stays true.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

#include "bastion/connection/local_channels.h"
#include "tests/unit/connection/relay_rig.h"

namespace bastion::connection {
namespace {

constexpr std::uint32_t kUnknown = 4711;

constexpr std::size_t kKinds = 11;
std::array<Message, kKinds> every_message_to(std::uint32_t channel) {
  return {ChannelOpenConfirmation{channel, 1, 1000, 1000, {}},
          ChannelOpenFailure{channel, OpenFailureCode::connect_failed, "after all"},
          ChannelWindowAdjust{channel, 1000},
          ChannelData{channel, bytes_of("late")},
          ChannelExtendedData{channel, kStderr, bytes_of("late")},
          ChannelEof{channel},
          ChannelClose{channel},
          ChannelRequest{channel, "late@example.org", false, {}},
          ChannelRequest{channel, "late@example.org", true, {}},
          ChannelSuccess{channel},
          ChannelFailure{channel}};
}

// The user's channel 0 into the container, which calls it 9.
void open_session(Rig& rig) {
  rig.connect();
  rig.open_session();
}

struct Situation {
  std::string_view name;
  std::uint32_t channel;
  // For each kind of message, in the order of every_message_to(): '.' when the connection goes on, 'X' when it ends.
  std::string_view here;
  std::string_view sshd;  // empty: it has no such state
  void (*reach)(Rig& rig);
};

// clang-format off
constexpr Situation kStates[] = {
    {"never opened", kUnknown, "XX.XXXXXX..", "XX.XXXXXX..",
     [](Rig& /*rig*/) {}},
    {"opened by the container", 0, "........X..", "........X..",
     [](Rig& rig) { rig.connect(); rig.listen(); rig.container(rig.forwarded(9, 1000, 100)); }},
    {"open", 0, "XX.........", "XX.........",
     open_session},
    {"after the user's EOF", 0, "XX..X......", "XX..X......",
     [](Rig& rig) { open_session(rig); rig.user(ChannelEof{0}); }},
    {"after the container's EOF", 0, "XX.........", "XX.........",
     [](Rig& rig) { open_session(rig); rig.container(ChannelEof{0}); }},
    {"closed by the container", 0, "XX.........", "XX.........",
     [](Rig& rig) { open_session(rig); rig.container(ChannelClose{0}); }},
    {"closed by the user", 0, "XX.........", "XX.........",
     [](Rig& rig) { open_session(rig); rig.user(ChannelClose{0}); }},
    // sshd forgets the channel some time after the second CLOSE. What comes together with that CLOSE it ignores, as here;
    // what comes later it takes as of one that was never opened. For us it makes no difference when.
    {"closed by both", 0, "XX.........", "XX.........",
     [](Rig& rig) { open_session(rig); rig.container(ChannelClose{0}); rig.user(ChannelClose{0}); }},
    // States that only we have. Before the window is opened there can be no data.
    {"confirmed early", 0, "XX.XX......", "",
     [](Rig& rig) { rig.user(ChannelOpen{"session", 5, 1000, 100, {}}); }},
    {"confirmed early, and closed", 0, "XX.........", "",
     [](Rig& rig) { rig.user(ChannelOpen{"session", 5, 1000, 100, {}}); rig.user(ChannelClose{0}); }},
    {"undecided", 0, "XX.XX......", "",
     [](Rig& rig) { rig.serves = true; rig.user(ChannelOpen{"session", 5, 1000, 100, {}}); }},
    {"refused, and told so", 0, "XX.........", "",
     [](Rig& rig) { open_session(rig); rig.relay.refuse("gone", 255); }},
    {"of a tunnel that is being dug", 0, "XX.XXXXXX..", "",
     [](Rig& rig) { rig.serves = true; rig.user(ChannelOpen{"direct-tcpip", 5, 1000, 100, {}}); }},
};
// clang-format on

// The same for a connection of ours to a backend, whose sshd answers us.
constexpr Situation kHopStates[] = {
    {"never opened", kUnknown, "XX.XXXXXX..", "", nullptr},
    {"closed by both", 0, "XX.........", "", nullptr},
};

std::string fates(const Situation& state) {
  std::string seen;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Rig rig;
    state.reach(rig);
    seen += rig.user(every_message_to(state.channel)[kind]) ? '.' : 'X';
  }
  return seen;
}

}  // namespace

TEST_CASE("what may be said of a channel is what OpenSSH lets be said") {
  for (const auto& state : kStates) {
    CAPTURE(state.name);
    const auto seen = fates(state);
    CHECK(seen == state.here);
    if (!state.sshd.empty()) CHECK(seen == state.sshd);
  }
}

TEST_CASE("late messages of a backend do not end the hop that others share") {
  for (const auto& state : kHopStates) {
    CAPTURE(state.name);
    std::string seen;
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      RecordingSink sink;
      LocalChannels channels(sink);
      {
        const auto channel = channels.opening(0);
        auto confirmed = encode(ChannelOpenConfirmation{0, 9, 1000, 1000, {}});
        REQUIRE(channels.receive(0, *parse(confirmed), confirmed).has_value());
      }
      auto close = encode(ChannelClose{0});
      REQUIRE(channels.receive(0, *parse(close), close).has_value());
      auto late = encode(every_message_to(state.channel)[kind]);
      seen += channels.receive(state.channel, *parse(late), late) ? '.' : 'X';
    }
    CHECK(seen == state.here);
  }
}

TEST_CASE("a late question is refused for as long as we have not closed the channel ourselves") {
  Rig rig;
  open_session(rig);
  rig.user(ChannelClose{0});
  rig.to_user();
  rig.user(ChannelRequest{0, "late@example.org", true, {}});
  CHECK(rig.to_user() == std::vector<std::string>{"channel-failure 5"});
  rig.container(ChannelClose{0});
  rig.to_user();
  rig.user(ChannelRequest{0, "late@example.org", true, {}});
  CHECK(rig.to_user().empty());
}

TEST_CASE("what is said too late of a channel does not reach the next one") {
  Rig rig;
  open_session(rig);
  rig.container(ChannelClose{0});
  rig.user(ChannelClose{0});
  rig.user(ChannelOpen{"session", 6, 1000, 100, {}});
  rig.container(ChannelOpenConfirmation{1, 10, 2000, 200, {}});
  rig.to_container();
  rig.user(ChannelWindowAdjust{0, 1000});
  CHECK(rig.to_container().empty());
}

}  // namespace bastion::connection
