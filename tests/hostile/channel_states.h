// Every kind of message about a channel, said to a server while the channel is in each of its states. What becomes of
// the connection is sshd's to say: OpenSSH ignores some of it, because a message and a CLOSE may cross on their way.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "bastion/base/task.h"
#include "tests/hostile/peer.h"

namespace bastion::hostile {

struct ChannelState {
  std::string_view name;
  // Brings a channel there, as a client; its number at the server. Nothing when the connection is over.
  Task<std::optional<std::uint32_t>> (*reach)(Peer& peer);
};

struct ChannelUtterance {
  std::string_view name;
  void (*say)(Peer& peer, std::uint32_t channel);
};

[[nodiscard]] std::span<const ChannelState> channel_states();
[[nodiscard]] std::span<const ChannelUtterance> channel_utterances();

// Says it, and what came of it: `ends` (the connection), else the answers the channel got (`success`, `failure`,
// `close`), else `ignored`.
Task<std::string> fate_of(Peer& peer, std::uint32_t channel, ChannelUtterance utterance);

}  // namespace bastion::hostile
