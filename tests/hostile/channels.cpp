// Channels by the thousand.
#include "bastion/base/wire_format.h"
#include "tests/hostile/behaviour.h"

namespace bastion::hostile {
namespace {

using namespace connection;

// More than one connection may have.
constexpr std::uint32_t kThousands = 5000;

ByteVector forward_to_nowhere() {
  WireWriter out;
  out.string(std::string_view{"127.0.0.1"}).u32(1).string(std::string_view{"127.0.0.1"}).u32(1);
  return out.take();
}

Task<> open_thousands(Peer& peer, std::string_view type) {
  const auto where = forward_to_nowhere();
  const bool has_target = type.find("tcpip") != std::string_view::npos;
  for (std::uint32_t i = 0; i < kThousands; ++i) {
    peer.say(ChannelOpen{type, i, 1000, 1000, has_target ? Bytes{where} : Bytes{}});
  }
  co_await peer.settled();
}
Task<> sessions_by_the_thousand(Peer& peer) { return open_thousands(peer, "session"); }
Task<> forwards_by_the_thousand(Peer& peer) {
  return open_thousands(peer, peer.role() == Role::client ? "direct-tcpip" : "forwarded-tcpip");
}
Task<> agents_by_the_thousand(Peer& peer) { return open_thousands(peer, "auth-agent@openssh.com"); }
Task<> displays_by_the_thousand(Peer& peer) { return open_thousands(peer, "x11"); }

Task<> opened_and_dropped_by_the_thousand(Peer& peer) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    peer.say(ChannelOpen{"session", i, 1000, 1000, {}});
    const auto heard = co_await peer.hear();
    if (!heard) co_return;
    if (const auto* open = std::get_if<ChannelOpenConfirmation>(&heard->message)) peer.say(ChannelClose{open->sender});
  }
  co_await peer.settled();
}

// All of them called the same by the peer.
Task<> one_number_for_all(Peer& peer) {
  for (int i = 0; i < 50; ++i) peer.say(ChannelOpen{"session", 7, 1000, 1000, {}});
  co_await peer.settled();
}

// Each kind that a server may open, or a client, towards an end that has asked for none of them.
Task<> channels_nobody_asked_for(Peer& peer) {
  const auto session = co_await peer.session_running({}, "cat");
  if (!session) co_return;
  const auto where = forward_to_nowhere();
  for (const auto* type : {"auth-agent@openssh.com", "x11", "forwarded-tcpip", "forwarded-streamlocal@openssh.com",
                           "session", "direct-streamlocal@openssh.com"}) {
    peer.say(ChannelOpen{type, 1, 1000, 1000, where});
  }
  co_await peer.settled();
}

Task<> opened_and_never_answered(Peer& peer) {
  const auto heard = co_await peer.hear_of<ChannelOpen>();
  if (heard) co_await peer.settled();
}

Task<> refused_at_length(Peer& peer) {
  const auto heard = co_await peer.hear_of<ChannelOpen>();
  if (!heard) co_return;
  const std::string description(200'000, 'n');
  peer.say(
      ChannelOpenFailure{std::get<ChannelOpen>(heard->message).sender, OpenFailureCode::connect_failed, description});
  co_await peer.settled();
}

constexpr Behaviour kChannels[] = {
    {"sessions_by_the_thousand", sessions_by_the_thousand},
    {"forwards_by_the_thousand", forwards_by_the_thousand},
    {"agents_by_the_thousand", agents_by_the_thousand},
    {"displays_by_the_thousand", displays_by_the_thousand},
    {"opened_and_dropped_by_the_thousand", opened_and_dropped_by_the_thousand},
    {"one_number_for_all", one_number_for_all},
    {"channels_nobody_asked_for", channels_nobody_asked_for},
    {"opened_and_never_answered", opened_and_never_answered},
    {"refused_at_length", refused_at_length},
};

}  // namespace

std::span<const Behaviour> about_channels() { return kChannels; }

}  // namespace bastion::hostile
