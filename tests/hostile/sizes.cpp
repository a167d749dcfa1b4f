// Names, texts and messages as large as the transport carries them.
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

constexpr Behaviour kSizes[] = {
    {"large_global_request", large_global_request},
    {"large_channel_type", large_channel_type},
    {"large_environment", large_environment},
    {"large_data", large_data},
    {"too_large", too_large},
};

}  // namespace

std::span<const Behaviour> about_sizes() { return kSizes; }

}  // namespace bastion::hostile
