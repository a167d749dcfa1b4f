// Questions without end from somebody who does not read the answers: windows do not bound these.
#include "bastion/base/wire_format.h"
#include "tests/hostile/behaviour.h"

namespace bastion::hostile {
namespace {

using namespace connection;

// The same message over and over, never reading.
Task<> deaf(Peer& peer, ByteVector message) {
  peer.stop_listening();
  const std::function<void()> say = [&] { peer.say_bytes(message); };
  co_await peer.flood(say);
}

Task<> flood_of_keepalives(Peer& peer) {
  const GlobalRequest question{"keepalive@openssh.com", true, {}};
  return deaf(peer, encode(question));
}
Task<> flood_of_proofs(Peer& peer) {
  const GlobalRequest question{"hostkeys-prove-00@openssh.com", true, {}};
  return deaf(peer, encode(question));
}
Task<> flood_of_forwards(Peer& peer) {
  WireWriter where;
  where.string(std::string_view{"localhost"}).u32(0);
  const GlobalRequest question{"tcpip-forward", true, where.view()};
  return deaf(peer, encode(question));
}
Task<> flood_of_announcements(Peer& peer) {
  const GlobalRequest statement{"hostkeys-00@openssh.com", false, {}};
  return deaf(peer, encode(statement));
}
Task<> flood_of_opens(Peer& peer) {
  const ChannelOpen open{"session", 0, 1000, 1000, {}};
  return deaf(peer, encode(open));
}

Task<> flood_of_requests(Peer& peer) {
  const auto channel = co_await peer.session_running({}, "sleep 60");
  if (!channel) co_return;
  const ChannelRequest question{*channel, "keepalive@openssh.com", true, {}};
  co_await deaf(peer, encode(question));
}
Task<> flood_of_adjusts(Peer& peer) {
  const auto channel = co_await peer.session_running({}, "sleep 60");
  if (!channel) co_return;
  const ChannelWindowAdjust nothing{*channel, 0};
  co_await deaf(peer, encode(nothing));
}

// While the container is being reached what is asked is held.
Task<> flood_before_the_container(Peer& peer) {
  peer.say(ChannelOpen{"session", 0, 1000, 1000, {}});
  const auto heard = co_await peer.hear_of<ChannelOpenConfirmation>();
  if (!heard) co_return;
  const auto channel = std::get<ChannelOpenConfirmation>(heard->message).sender;
  WireWriter variable;
  variable.string(std::string_view{"LC_ALL"}).string(std::string_view{"C"});
  for (int i = 0; i < 20'000; ++i) peer.say(ChannelRequest{channel, "env", false, variable.view()});
  co_await peer.settled();
}

constexpr Behaviour kFloods[] = {
    {"flood_of_keepalives", flood_of_keepalives}, {"flood_of_proofs", flood_of_proofs},
    {"flood_of_forwards", flood_of_forwards},     {"flood_of_announcements", flood_of_announcements},
    {"flood_of_opens", flood_of_opens},           {"flood_of_requests", flood_of_requests},
    {"flood_of_adjusts", flood_of_adjusts},       {"flood_before_the_container", flood_before_the_container},
};

}  // namespace

std::span<const Behaviour> about_floods() { return kFloods; }

}  // namespace bastion::hostile
