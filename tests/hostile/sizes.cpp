// Names, texts and messages as large as the transport carries them.
#include <algorithm>
#include <limits>

#include "bastion/base/wire_format.h"
#include "tests/hostile/behaviour.h"

namespace bastion::hostile {
namespace {

using namespace connection;

// The largest message libssh takes is 256 KiB with all that is around it.
constexpr std::size_t kLarge = 250'000;
constexpr std::size_t kTooLarge = 300'000;

Task<> large_global_request(Peer& peer) {
  const std::string name(kLarge, 'g');
  peer.say(GlobalRequest{name, true, {}});
  return peer.settled();
}
Task<> large_channel_type(Peer& peer) {
  const std::string type(kLarge, 't');
  peer.say(ChannelOpen{type, 1, 1000, 1000, {}});
  return peer.settled();
}
Task<> large_environment(Peer& peer) {
  const auto channel = co_await peer.session_running({}, "cat");
  if (!channel) co_return;
  WireWriter variable;
  variable.string(std::string_view{"LC_ALL"}).string(std::string(kLarge, 'v'));
  peer.say(ChannelRequest{*channel, "env", false, variable.view()});
  co_await peer.settled();
}
Task<> large_data(Peer& peer) {
  const auto channel = co_await peer.session_running({}, "cat");
  if (!channel) co_return;
  const ByteVector data(kLarge, 'd');
  peer.say(ChannelData{*channel, data});
  co_await peer.settled();
}
Task<> too_large(Peer& peer) {
  const std::string name(kTooLarge, 'g');
  peer.say(GlobalRequest{name, true, {}});
  return peer.settled();
}

constexpr auto kAnySize = std::numeric_limits<std::uint32_t>::max();
// Some messages of the largest size. With more than 1 MiB to say, a transport of ours would not listen meanwhile.
constexpr std::size_t kMuch = 900'000;

ByteVector loopback(bool with_originator) {
  WireWriter place;
  place.string(std::string_view{"127.0.0.1"}).u32(7003);
  if (with_originator) place.string(std::string_view{"127.0.0.1"}).u32(40'000);
  return place.take();
}

// Says much, in messages as large as the other end is said to take, and hears as much.
Task<> exchange(Peer& peer, std::uint32_t channel, std::uint32_t max_packet) {
  const ByteVector data(std::min<std::size_t>(max_packet, kTooLarge), 'd');
  for (auto rest = kMuch; rest > 0 && !data.empty();) {
    const auto piece = Bytes{data}.first(std::min(rest, data.size()));
    peer.say(ChannelData{channel, piece});
    rest -= piece.size();
  }
  peer.say(ChannelEof{channel});
  for (std::size_t heard = 0; heard < kMuch;) {
    const auto next = co_await peer.hear_of<ChannelData>();
    if (!next) co_return;
    heard += std::get<ChannelData>(next->message).data.size();
  }
  co_await peer.hear_of<ChannelEof>();
}

Task<> exchange_in_opened(Peer& peer) {
  const auto opened = co_await peer.hear_of<ChannelOpen>();
  if (!opened) co_return;
  const auto& open = std::get<ChannelOpen>(opened->message);
  peer.say(ChannelOpenConfirmation{open.sender, 1, kAnySize, kAnySize, {}});
  co_await exchange(peer, open.sender, open.max_packet);
}

Task<> exchange_in_own(Peer& peer, std::string_view type) {
  const auto where = loopback(true);
  peer.say(ChannelOpen{type, 2, kAnySize, kAnySize, where});
  const auto confirmed = co_await peer.hear_of<ChannelOpenConfirmation>();
  if (!confirmed) co_return;
  const auto& confirmation = std::get<ChannelOpenConfirmation>(confirmed->message);
  co_await exchange(peer, confirmation.sender, confirmation.max_packet);
}

// A client and a container that take packets of any size, and fill those of the other: in a forward of the client's and
// then in one of the container's.
Task<> packets_as_large_as_allowed(Peer& peer) {
  const auto listener = loopback(false);
  if (peer.role() == Role::client) {
    co_await exchange_in_own(peer, "direct-tcpip");
    peer.say(GlobalRequest{"tcpip-forward", true, listener});
    co_await exchange_in_opened(peer);
    co_return;
  }
  co_await exchange_in_opened(peer);
  bool is_asked = false;
  while (!is_asked) {
    const auto asked = co_await peer.hear_of<GlobalRequest>();
    if (!asked) co_return;
    is_asked = std::get<GlobalRequest>(asked->message).name == "tcpip-forward";
  }
  peer.say(RequestSuccess{});
  co_await exchange_in_own(peer, "forwarded-tcpip");
}

constexpr Behaviour kSizes[] = {
    {"large_global_request", large_global_request},
    {"large_channel_type", large_channel_type},
    {"large_environment", large_environment},
    {"large_data", large_data},
    {"too_large", too_large},
    {"packets_as_large_as_allowed", packets_as_large_as_allowed},
};

}  // namespace

std::span<const Behaviour> about_sizes() { return kSizes; }

}  // namespace bastion::hostile
