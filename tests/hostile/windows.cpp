// Windows and packet sizes at their edges (RFC 4254 section 5.2).
#include <limits>

#include "tests/hostile/behaviour.h"

namespace bastion::hostile {
namespace {

using namespace connection;

constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
constexpr const char* kTalkative = "head -c 30000000 /dev/zero";
constexpr const char* kMute = "sleep 60";

// Output that nobody ever makes room for.
Task<> window_of_zero(Peer& peer) {
  const Peer::Terms terms{.window = 0};
  co_await peer.session_running(terms, kTalkative);
  co_await peer.settled();
}

// All the room in the world, for somebody who does not read.
Task<> window_of_everything(Peer& peer) {
  const Peer::Terms terms{.window = kMost, .max_packet = kMost};
  const auto channel = co_await peer.session_running(terms, kTalkative);
  if (!channel) co_return;
  peer.stop_listening();
  const std::function<void()> ask = [&] { peer.say(ChannelRequest{*channel, "keepalive@openssh.com", true, {}}); };
  co_await peer.flood(ask);
}

Task<> window_that_overflows(Peer& peer) {
  const auto channel = co_await peer.session_running({}, kMute);
  if (!channel) co_return;
  for (int i = 0; i < 3; ++i) peer.say(ChannelWindowAdjust{*channel, kMost});
  co_await peer.settled();
}

Task<> packet_size_of(Peer& peer, std::uint32_t size) {
  const Peer::Terms terms{.max_packet = size};
  co_await peer.session_running(terms, kTalkative);
  co_await peer.settled();
}
Task<> packet_size_of_zero(Peer& peer) { return packet_size_of(peer, 0); }
Task<> packet_size_of_one(Peer& peer) { return packet_size_of(peer, 1); }
// A sender that takes the peer at its word makes packets that no transport carries.
Task<> packet_size_of_everything(Peer& peer) {
  const Peer::Terms terms{.window = kMost, .max_packet = kMost};
  co_await peer.session_running(terms, kTalkative);
  co_await peer.rest();
  if (peer.role() == Role::client) co_await peer.hear_of<ChannelEof>();
  co_await peer.settled();
}

Task<> data_beyond_the_window(Peer& peer) {
  const auto channel = co_await peer.session_running({}, kMute);
  if (!channel) co_return;
  const ByteVector data(32 * 1024, 'x');
  const std::function<void()> send = [&] { peer.say(ChannelData{*channel, data}); };
  co_await peer.flood(send);
  co_await peer.settled();
}

// The window of a session that is confirmed early is 0.
Task<> data_before_the_window(Peer& peer) {
  peer.say(ChannelOpen{"session", 0, 1000, 1000, {}});
  const auto heard = co_await peer.hear_of<ChannelOpenConfirmation>();
  if (!heard) co_return;
  const auto& confirmation = std::get<ChannelOpenConfirmation>(heard->message);
  const ByteVector data(confirmation.window + 1, 'x');
  peer.say(ChannelData{confirmation.sender, data});
  co_await peer.settled();
}

constexpr Behaviour kWindows[] = {
    {"window_of_zero", window_of_zero},
    {"window_of_everything", window_of_everything},
    {"window_that_overflows", window_that_overflows},
    {"packet_size_of_zero", packet_size_of_zero},
    {"packet_size_of_one", packet_size_of_one},
    {"packet_size_of_everything", packet_size_of_everything},
    {"data_beyond_the_window", data_beyond_the_window},
    {"data_before_the_window", data_before_the_window},
};

}  // namespace

std::span<const Behaviour> about_windows() { return kWindows; }

}  // namespace bastion::hostile
