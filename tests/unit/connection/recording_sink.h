// A sink that keeps what is sent, and says it in one line each: tests compare conversations.
#pragma once

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/message.h"

namespace bastion::connection {

// What a message says, in one line.
inline std::string line_of(const Message& message) {
  struct Line {
    std::string operator()(const GlobalRequest& m) const { return fmt::format("global {} {}", m.name, m.want_reply); }
    std::string operator()(const RequestSuccess& m) const { return fmt::format("success {}", text_of(m.payload)); }
    std::string operator()(const RequestFailure& /*m*/) const { return "failure"; }
    std::string operator()(const ChannelOpen& m) const {
      return fmt::format("open {} sender={} window={}", m.type, m.sender, m.window);
    }
    std::string operator()(const ChannelOpenConfirmation& m) const {
      return fmt::format("confirm {} sender={} window={}", m.recipient, m.sender, m.window);
    }
    std::string operator()(const ChannelOpenFailure& m) const {
      return fmt::format("refuse {} {}", m.recipient, m.description);
    }
    std::string operator()(const ChannelWindowAdjust& m) const {
      return fmt::format("adjust {} {}", m.recipient, m.bytes);
    }
    std::string operator()(const ChannelData& m) const {
      return fmt::format("data {} {}", m.recipient, text_of(m.data));
    }
    std::string operator()(const ChannelExtendedData& m) const {
      return fmt::format("stderr {} {}", m.recipient, text_of(m.data));
    }
    std::string operator()(const ChannelEof& m) const { return fmt::format("eof {}", m.recipient); }
    std::string operator()(const ChannelClose& m) const { return fmt::format("close {}", m.recipient); }
    std::string operator()(const ChannelRequest& m) const {
      return fmt::format("request {} {} {}", m.recipient, m.type, m.want_reply);
    }
    std::string operator()(const ChannelSuccess& m) const { return fmt::format("channel-success {}", m.recipient); }
    std::string operator()(const ChannelFailure& m) const { return fmt::format("channel-failure {}", m.recipient); }
  };

  return std::visit(Line{}, message);
}

class RecordingSink final : public PacketSink {
 public:
  using PacketSink::send;
  void send(Bytes head, Bytes body) override {
    auto& packet = packets_.emplace_back(head.begin(), head.end());
    packet.insert(packet.end(), body.begin(), body.end());
  }
  [[nodiscard]] bool congested() const override { return congested_ || packets_.size() >= room_; }
  void congest(bool yes) { congested_ = yes; }
  // As soon as it keeps so many packets.
  void congest_at(std::size_t packets) { room_ = packets; }

  // What was sent since the last call.
  std::vector<ByteVector> packets() { return std::exchange(packets_, {}); }
  std::vector<std::string> said() {
    std::vector<std::string> lines;
    for (const auto& packet : packets()) lines.push_back(line_of_packet(packet));
    return lines;
  }

 private:
  static std::string line_of_packet(Bytes packet) {
    const auto message = parse(packet);
    return message ? line_of(*message) : "malformed: " + message.error().text;
  }

  std::vector<ByteVector> packets_;
  std::size_t room_ = std::numeric_limits<std::size_t>::max();
  bool congested_ = false;
};

}  // namespace bastion::connection
