// One end of a relay, as far as it can judge the bastion: it hears all that is said to it and insists on RFC 4254. Once
// it has broken the protocol itself it judges no more.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <set>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/message.h"
#include "tests/fuzz/require.h"

namespace bastion::connection {

class EndOfRelay final : public PacketSink {
 public:
  struct Channel {
    std::optional<std::uint32_t> ours;  // the bastion's number; nothing while the end waits for a confirmation
    std::uint64_t window = 0;
    std::uint32_t max_packet = 0;
    bool said_close = false;
    bool told_close = false;
  };

  using PacketSink::send;
  void send(Bytes head, Bytes body) override {
    ByteVector packet(head.begin(), head.end());
    packet.insert(packet.end(), body.begin(), body.end());
    const auto message = parse(packet);
    fuzz::require(message.has_value(), "what the bastion says parses");
    fuzz::require(!gone_, "nothing is said to an end that is gone");
    if (!confused_) std::visit([this](const auto& m) { hear(m); }, *message);
  }
  [[nodiscard]] bool congested() const override { return congested_; }
  void congest(bool yes) { congested_ = yes; }
  void go() { gone_ = true; }

  // What it says, noted before the bastion hears it.
  void says(Bytes packet) {
    const auto message = parse(packet);
    if (!message) confused_ = true;
    if (!confused_) std::visit([this](const auto& m) { say(m); }, *message);
  }
  // What it would close to leave nothing open.
  [[nodiscard]] std::set<std::uint32_t> not_closed() const {
    std::set<std::uint32_t> numbers;
    for (const auto& [number, channel] : channels_) {
      if (channel.ours && !channel.said_close) numbers.insert(*channel.ours);
    }
    return numbers;
  }
  [[nodiscard]] std::set<std::uint32_t> unanswered() const { return offered_; }
  [[nodiscard]] bool confused() const { return confused_; }
  [[nodiscard]] std::uint64_t replies_owed() const { return replies_owed_; }

 private:
  using Entry = std::map<std::uint32_t, Channel>::iterator;

  Entry by_ours(std::uint32_t ours) {
    auto at = channels_.begin();
    while (at != channels_.end() && at->second.ours != ours) ++at;
    return at;
  }
  void insist(bool holds) { confused_ |= !holds; }
  // A channel is over, and its number free, when both have closed it.
  void closed(Entry at) {
    if (at->second.said_close && at->second.told_close) channels_.erase(at);
  }

  // --- what it says

  void say(const ChannelOpen& open) {
    insist(channels_.try_emplace(open.sender, Channel{{}, open.window, open.max_packet}).second);
  }
  void say(const ChannelOpenConfirmation& m) {
    const bool asked = offered_.erase(m.recipient) == 1;
    insist(asked && channels_.try_emplace(m.sender, Channel{m.recipient, m.window, m.max_packet}).second);
  }
  void say(const ChannelOpenFailure& m) { insist(offered_.erase(m.recipient) == 1); }
  void say(const GlobalRequest& m) { replies_owed_ += m.want_reply ? 1 : 0; }
  void say(const RequestSuccess& /*m*/) { reply(); }
  void say(const RequestFailure& /*m*/) { reply(); }
  void reply() {
    insist(questions_ > 0);
    questions_ -= questions_ > 0 ? 1 : 0;
  }
  template <typename OfChannel>
  void say(const OfChannel& m) {
    const auto at = by_ours(m.recipient);
    insist(at != channels_.end() && !at->second.said_close);
    if (confused_) return;
    if constexpr (std::is_same_v<OfChannel, ChannelWindowAdjust>) {
      at->second.window += m.bytes;
      insist(at->second.window <= std::numeric_limits<std::uint32_t>::max());
    }
    if constexpr (std::is_same_v<OfChannel, ChannelClose>) {
      at->second.said_close = true;
      closed(at);
    }
  }

  // --- what it hears

  void hear(const ChannelOpen& open) {
    fuzz::require(by_ours(open.sender) == channels_.end(), "a number is used again when it is free");
    fuzz::require(offered_.insert(open.sender).second, "and opened once");
  }
  void hear(const ChannelOpenConfirmation& m) {
    const auto at = channels_.find(m.recipient);
    fuzz::require(at != channels_.end() && !at->second.ours, "what is confirmed was being opened");
    fuzz::require(by_ours(m.sender) == channels_.end(), "two channels have two numbers");
    at->second.ours = m.sender;
  }
  void hear(const ChannelOpenFailure& m) {
    const auto at = channels_.find(m.recipient);
    fuzz::require(at != channels_.end() && !at->second.ours, "what is refused was being opened");
    channels_.erase(at);
  }
  void hear(const GlobalRequest& m) { questions_ += m.want_reply ? 1 : 0; }
  void hear(const RequestSuccess& /*m*/) { fuzz::require(replies_owed_-- > 0, "a reply answers a question"); }
  void hear(const RequestFailure& /*m*/) { fuzz::require(replies_owed_-- > 0, "a reply answers a question"); }
  template <typename OfChannel>
  void hear(const OfChannel& m) {
    const auto at = channels_.find(m.recipient);
    fuzz::require(at != channels_.end() && at->second.ours, "a message concerns an open channel");
    auto& channel = at->second;
    fuzz::require(!channel.told_close, "nothing follows a CLOSE");
    if constexpr (requires { m.data; }) {
      fuzz::require(m.data.size() <= channel.window, "windows are kept");
      fuzz::require(channel.max_packet == 0 || m.data.size() <= channel.max_packet || m.data.empty(), "and sizes");
      channel.window -= m.data.size();
    }
    if constexpr (std::is_same_v<OfChannel, ChannelClose>) {
      channel.told_close = true;
      closed(at);
    }
  }

  std::map<std::uint32_t, Channel> channels_;  // by this end's numbers
  std::set<std::uint32_t> offered_;            // the bastion's numbers of what it opens
  std::uint64_t replies_owed_ = 0;
  std::uint64_t questions_ = 0;
  bool congested_ = false;
  bool confused_ = false;
  bool gone_ = false;
};

}  // namespace bastion::connection
