// One end of a channel that is relayed: what the peer there calls it, what its window covers (RFC 4254 section 5.2),
// and the messages on their way to it.
//
// A message waits only where text of ours has used the peer's window, or where the other end was promised more than the
// peer then granted: everything else is between the two ends.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/budget.h"
#include "bastion/connection/channel_closing.h"
#include "bastion/connection/message.h"

namespace bastion::connection {

struct ChannelEnd {
  std::optional<std::uint32_t> number{};  // set once the peer opened or confirmed it
  std::uint32_t window = 0;               // bytes the peer still accepts
  std::uint32_t max_packet = 0;
  std::uint32_t window_debt = 0;  // bytes by which the other end takes the window for larger than it is
  ChannelClosing closing{};
  std::deque<ByteVector> waiting{};  // the first of them is more than the window covers

  // An end that takes smaller packets than this cannot be sent what a session confirmed early was promised.
  static constexpr std::uint32_t kLeastPacket = 64;

  // Whether it takes so much data in one message now.
  [[nodiscard]] bool has_room_for(std::size_t size) const {
    return size <= window && (max_packet == 0 || size <= max_packet);
  }

  // Sends one message of the channel to the peer, in pieces where it takes only smaller ones, or lets it wait. An error
  // means that the sender broke the protocol.
  Result<> send(const Message& message, MutableBytes packet, PacketSink& sink, Budget& budget);
  // The peer accepts more: what waits is sent.
  Result<> widen(std::uint32_t bytes, PacketSink& sink, Budget& budget);
  // Of an adjustment by the peer: what the other end does not count on already.
  [[nodiscard]] std::uint32_t news_of(std::uint32_t bytes);
  // The peer has said CLOSE: it makes room for nothing any more, and is owed a CLOSE only.
  void on_close(PacketSink& sink, Budget& budget);
  void drop_waiting(Budget& budget);

 private:
  Result<> send_data(MutableBytes head, Bytes data, PacketSink& sink, Budget& budget);
  Result<> wait(MutableBytes head, Bytes data, Budget& budget);
};

}  // namespace bastion::connection
