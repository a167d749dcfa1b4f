// The packet relay: RFC 4254 messages between a user's transport and a container's. It need not understand a terminal,
// a forward or an agent to carry them; it maps channel numbers and keeps the order of replies. Flow control stays end
// to end: the windows belong to the two ends, so a slow reader slows the writer and not the bastion.
//
// A relay starts before the container is reached. The user's first session channels are confirmed at once with window
// 0, and what they ask is held. Then either connect() lets it flow, or refuse() answers every session with a sentence.
// Pure: packets in, packets out.
#pragma once

#include <functional>
#include <string>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/global_replies.h"
#include "bastion/connection/message.h"
#include "bastion/connection/relayed_channel.h"

namespace bastion::connection {

class Relay {
 public:
  // Answers hostkeys-prove-00@openssh.com (OpenSSH's PROTOCOL, section 2.5): the payload of REQUEST_SUCCESS, or nothing
  // when the request is to be refused.
  using HostKeyProver = std::function<std::optional<ByteVector>(Bytes request)>;

  struct Traffic {
    std::uint64_t from_user = 0;  // bytes of channel data
    std::uint64_t from_container = 0;
  };

  // `user` must outlive the relay.
  Relay(PacketSink& user, HostKeyProver prove_host_keys);
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  // The container's transport is ready: what was held goes there. `container` must outlive the relay, or the refusal.
  void connect(PacketSink& container);
  // There is no container, or there is none any more. Open channels end in order: the sentence on standard error,
  // exit status 255 (which is what ssh itself returns for a lost connection), EOF, CLOSE. New ones are told the same.
  void refuse(std::string sentence);

  // One message from a side; it may be changed in place. An error means that this side broke the protocol.
  Result<> receive(Side from, MutableBytes packet);

  // Asks a side for a sign of life; the answer is swallowed.
  void ping(Side side);

  [[nodiscard]] bool has_channels() const { return !channels_.empty(); }
  [[nodiscard]] std::size_t channels() const { return channels_.size(); }
  [[nodiscard]] const Traffic& traffic() const { return traffic_; }

 private:
  enum class Phase : std::uint8_t { waiting, connected, refusing };

  // A CHANNEL_OPEN or GLOBAL_REQUEST that waits for the container. Their order counts: no-more-sessions@openssh.com
  // comes right behind the session it lets pass.
  struct Held {
    std::optional<std::uint32_t> channel{};
    ByteVector packet{};
  };

  // What one login may have us hold while its container is being reached.
  static constexpr std::size_t kMaxHeld = 256 * 1024;
  static constexpr std::size_t kMaxOwedReplies = 1024;

  [[nodiscard]] PacketSink& sink(Side side) { return side == Side::user ? user_ : *container_; }
  [[nodiscard]] Asked& asked(Side side) { return side == Side::user ? asked_user_ : asked_container_; }

  Result<> on_global_request(Side from, const GlobalRequest& request, Bytes packet);
  Result<> on_global_request_of_user(const GlobalRequest& request, Bytes packet);
  Result<> on_global_reply(Side from, Bytes packet);
  Result<> on_open(Side from, const ChannelOpen& open, Bytes packet);
  Result<> on_confirmation(Side from, const ChannelOpenConfirmation& confirmation);
  Result<> on_open_failure(Side from, const ChannelOpenFailure& failure, MutableBytes packet);
  Result<> on_channel_message(Side from, const Message& message, MutableBytes packet);
  void forward_open(std::uint32_t number, RelayedChannel& channel, const ChannelOpen& open);
  void forward_global(Bytes packet, const GlobalRequest& request);
  void forward(Side from, RelayedChannel& channel, const Message& message, MutableBytes packet);
  void forward_data(Side from, RelayedChannel& channel, const Message& message, MutableBytes packet);
  Result<> hold(ByteVector& into, Bytes packet);
  void answer_refused(std::uint32_t number, RelayedChannel& channel, const Message& message);
  void refuse_channel(std::uint32_t number, const std::string& sentence);
  void end_at_user(RelayedChannel& channel);
  void remove_if_over(std::uint32_t number);

  PacketSink& user_;
  PacketSink* container_ = nullptr;
  HostKeyProver prove_host_keys_;
  Phase phase_ = Phase::waiting;
  std::string sentence_;
  ChannelTable channels_;
  OwedReplies owed_user_;
  Asked asked_user_;
  Asked asked_container_;
  std::vector<Held> held_;
  std::size_t held_bytes_ = 0;
  Traffic traffic_;
};

}  // namespace bastion::connection
