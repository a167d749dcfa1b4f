// The backend's end of a hop, or of a link, as far as it can judge us: it hears all we say and insists on RFC 4254.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/local_channel.h"
#include "bastion/connection/message.h"
#include "tests/fuzz/require.h"

namespace bastion::connection {

class HopPeer final : public PacketSink {
 public:
  // What it may still say and hear on a channel it confirmed.
  struct Channel {
    std::uint32_t our_number = 0;
    std::uint64_t we_may_send = 0;
    std::uint32_t max_packet = 0;
    std::uint64_t it_may_send = LocalChannel::kWindow;
    std::uint64_t replies_owed = 0;
    bool is_session = false;
    bool started_by_us = false;
    bool eof_by_us = false;
    bool closed_by_us = false;
  };

  // What it asks of the connection is refused by a hop; a link grants some of it.
  explicit HopPeer(bool is_granted_some = false) : is_granted_some_(is_granted_some) {}

  using PacketSink::send;
  void send(Bytes head, Bytes body) override {
    ByteVector packet(head.begin(), head.end());
    packet.insert(packet.end(), body.begin(), body.end());
    const auto message = parse(packet);
    fuzz::require(message.has_value(), "what we say parses");
    std::visit([this](const auto& m) { hear(m); }, *message);
  }
  [[nodiscard]] bool congested() const override { return congested_; }
  void congest(bool yes) { congested_ = yes; }

  // Whether this is about a channel it has confirmed; of another one it is not heard.
  [[nodiscard]] bool has_confirmed(const Message& message) const {
    const auto recipient = recipient_in(message);
    return recipient && confirmed_.contains(*recipient);
  }

  // What it says, noted before we hear it.
  void says(const Message& message) {
    if (const auto* open = std::get_if<ChannelOpen>(&message)) refusals_owed_.insert(open->sender);
    if (const auto* request = std::get_if<GlobalRequest>(&message)) answers_owed_ += request->want_reply ? 1 : 0;
    if (const auto* confirmation = std::get_if<ChannelOpenConfirmation>(&message)) confirm(*confirmation);
    if (const auto* failure = std::get_if<ChannelOpenFailure>(&message)) opening_.erase(failure->recipient);
    auto* channel = find_ours(message);
    if (channel == nullptr) return;
    if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) channel->we_may_send += adjust->bytes;
    if (const auto* request = std::get_if<ChannelRequest>(&message))
      channel->replies_owed += request->want_reply ? 1 : 0;
    if (const auto* data = std::get_if<ChannelData>(&message)) {
      channel->it_may_send -= std::min<std::uint64_t>(channel->it_may_send, data->data.size());
    }
    if (const auto* data = std::get_if<ChannelExtendedData>(&message)) {
      channel->it_may_send -= std::min<std::uint64_t>(channel->it_may_send, data->data.size());
    }
  }

 private:
  Channel* find(std::uint32_t number) {
    const auto found = channels_.find(number);
    return found == channels_.end() ? nullptr : &found->second;
  }
  static std::optional<std::uint32_t> recipient_in(const Message& message) {
    return std::visit(
        [](const auto& m) -> std::optional<std::uint32_t> {
          if constexpr (requires { m.recipient; }) return m.recipient;
          return std::nullopt;
        },
        message);
  }
  Channel* find_ours(const Message& message) {
    const auto recipient = recipient_in(message);
    const auto found = std::ranges::find_if(
        channels_, [&](const auto& entry) { return recipient && entry.second.our_number == *recipient; });
    return found == channels_.end() ? nullptr : &found->second;
  }
  // Two channels of one number would be its own mistake, and it could not tell which we mean.
  void confirm(const ChannelOpenConfirmation& confirmation) {
    const auto opening = opening_.find(confirmation.recipient);
    if (opening == opening_.end()) return;
    confirmed_.insert(confirmation.recipient);
    confused_ |= channels_.contains(confirmation.sender);
    channels_[confirmation.sender] = {.our_number = confirmation.recipient,
                                      .we_may_send = confirmation.window,
                                      .max_packet = confirmation.max_packet,
                                      .is_session = opening->second};
    opening_.erase(opening);
  }

  void hear(const ChannelOpen& open) {
    fuzz::require(opening_.emplace(open.sender, open.type == "session").second, "we open a number once");
    fuzz::require(open.window == LocalChannel::kWindow, "we open with our window");
  }
  void hear(const ChannelData& data) {
    if (confused_) return;
    auto* channel = find(data.recipient);
    fuzz::require(channel != nullptr && !channel->closed_by_us && !channel->eof_by_us, "data goes to an open channel");
    fuzz::require(data.data.size() <= channel->we_may_send, "we keep to the peer's window");
    fuzz::require(data.data.size() <= channel->max_packet, "and to its packet size");
    channel->we_may_send -= data.data.size();
  }
  void hear(const ChannelWindowAdjust& adjust) {
    if (confused_) return;
    auto* channel = find(adjust.recipient);
    fuzz::require(channel != nullptr && !channel->closed_by_us, "windows grow on open channels");
    channel->it_may_send += adjust.bytes;
    fuzz::require(channel->it_may_send <= LocalChannel::kWindow, "never beyond what we hold");
  }
  void hear(const ChannelEof& eof) {
    if (confused_) return;
    auto* channel = find(eof.recipient);
    fuzz::require(channel != nullptr && !channel->closed_by_us, "EOF goes to an open channel");
    fuzz::require(!std::exchange(channel->eof_by_us, true), "and once");
  }
  void hear(const ChannelClose& close) {
    if (confused_) return;
    auto* channel = find(close.recipient);
    fuzz::require(channel != nullptr && !std::exchange(channel->closed_by_us, true), "we close once");
  }
  void hear(const ChannelRequest& request) {
    if (confused_) return;
    auto* channel = find(request.recipient);
    fuzz::require(channel != nullptr && !channel->closed_by_us && !channel->eof_by_us,
                  "requests go to an open channel");
    fuzz::require(channel->is_session && request.type == "exec" && request.want_reply, "a session is for a command");
    fuzz::require(!std::exchange(channel->started_by_us, true), "and for one");
  }
  void hear(const ChannelFailure& failure) {
    if (confused_) return;
    auto* channel = find(failure.recipient);
    fuzz::require(channel != nullptr && channel->replies_owed > 0, "we answer what was asked");
    --channel->replies_owed;
  }
  void hear(const ChannelOpenFailure& refusal) {
    const auto owed = refusals_owed_.find(refusal.recipient);
    fuzz::require(owed != refusals_owed_.end(), "we refuse what was opened");
    refusals_owed_.erase(owed);
  }
  void hear(const RequestSuccess& /*success*/) {
    fuzz::require(is_granted_some_ && answers_owed_-- > 0, "we grant what was asked");
  }
  void hear(const RequestFailure& /*failure*/) { fuzz::require(answers_owed_-- > 0, "we answer what was asked"); }
  void hear(const GlobalRequest& request) { fuzz::require(request.want_reply, "our questions want an answer"); }
  template <typename Other>
  void hear(const Other& /*message*/) {
    fuzz::require(false, "a hop says nothing else");
  }

  std::map<std::uint32_t, bool> opening_;      // by our numbers; whether it is a session
  std::set<std::uint32_t> confirmed_;          // our numbers, whatever the peer called them
  std::map<std::uint32_t, Channel> channels_;  // by the peer's numbers
  std::multiset<std::uint32_t> refusals_owed_;
  std::uint64_t answers_owed_ = 0;
  bool is_granted_some_ = false;
  bool congested_ = false;
  bool confused_ = false;
};

}  // namespace bastion::connection
