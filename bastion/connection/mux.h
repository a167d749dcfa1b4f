// The connection layer of a hop: the channels we opened there, and polite answers to everything else a backend asks.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/local_channel.h"

namespace bastion::connection {

class Mux {
 public:
  explicit Mux(PacketSink& sink) : sink_(sink) {}
  Mux(const Mux&) = delete;
  Mux& operator=(const Mux&) = delete;

  // RFC 4254 section 7.2. Await opened() of the channel; it must be destroyed before the Mux.
  [[nodiscard]] std::unique_ptr<LocalChannel> open_direct_tcpip(std::string_view host, std::uint16_t port);

  // One message from the peer. An error means that the peer broke the protocol: end the transport.
  Result<> receive(MutableBytes packet);
  // The transport has room again.
  void drained();
  // The transport is gone: every channel ends with `why`.
  void lost(const Error& why);
  // Asks the peer for a sign of life (keepalive@openssh.com); whatever it answers will do.
  void ping();

  // Channels the peer knows of.
  [[nodiscard]] std::size_t channels() const { return table_.size(); }
  // Channel objects that somebody owns, open or not: the Mux must outlive them.
  [[nodiscard]] std::size_t holders() const { return holders_; }

 private:
  friend class LocalChannel;

  // A channel whose owner is gone stays in the table until the peer has closed it too: its number is not free before.
  struct Entry {
    LocalChannel* channel = nullptr;
    std::optional<std::uint32_t> peer{};
    bool closed_by_us = false;
  };

  [[nodiscard]] PacketSink& sink() { return sink_; }
  void send_data(std::uint32_t peer, Bytes data);
  void forget(LocalChannel& channel);
  Result<Entry*> entry_of(std::uint32_t number);
  Result<> on_confirmation(const ChannelOpenConfirmation& confirmation);
  Result<> on_channel_message(const Message& message, MutableBytes packet);
  Result<> on_close(std::uint32_t number);

  PacketSink& sink_;
  std::map<std::uint32_t, Entry> table_;
  std::uint32_t next_ = 0;
  std::size_t holders_ = 0;
  bool lost_ = false;
};

}  // namespace bastion::connection
