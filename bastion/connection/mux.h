// The connection layer of a hop: the channels we opened there, and polite answers to everything else a backend asks.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/local_channels.h"

namespace bastion::connection {

class Mux {
 public:
  explicit Mux(PacketSink& sink) : sink_(sink), channels_(sink) {}
  Mux(const Mux&) = delete;
  Mux& operator=(const Mux&) = delete;

  // Await opened() of the channel; it must be destroyed before the Mux.
  // RFC 4254 section 7.2: to an address behind the peer.
  [[nodiscard]] std::unique_ptr<LocalChannel> open_direct_tcpip(std::string_view host, std::uint16_t port);
  // Section 6.1: to the peer itself.
  [[nodiscard]] std::unique_ptr<LocalChannel> open_session();

  // One message from the peer. An error means that the peer broke the protocol: end the transport.
  Result<> receive(MutableBytes packet);
  // The transport has room again.
  void drained() { channels_.drained(); }
  // As LocalChannels::share() and throttle().
  void share(std::size_t bytes) { channels_.share(bytes); }
  void throttle(bool on) { channels_.throttle(on); }
  // The transport is gone: every channel ends with `why`.
  void lost(const Error& why) { channels_.lost(why); }
  // Asks the peer for a sign of life (keepalive@openssh.com); whatever it answers will do.
  void ping();
  // How many of those questions were asked, and how many of them are answered: in that order (RFC 4254 section 4).
  [[nodiscard]] std::uint64_t asked() const { return asked_; }
  [[nodiscard]] std::uint64_t answered() const { return answered_; }

  // Whether the peer may still speak of that channel.
  [[nodiscard]] bool has(std::uint32_t number) const { return channels_.has(number); }
  // Channels the peer knows of.
  [[nodiscard]] std::size_t channels() const { return channels_.size(); }
  // Channel objects that somebody owns, open or not: the Mux must outlive them.
  [[nodiscard]] std::size_t holders() const { return channels_.holders(); }

 private:
  [[nodiscard]] std::unique_ptr<LocalChannel> open(std::string_view type, Bytes payload);

  PacketSink& sink_;
  LocalChannels channels_;
  std::uint32_t next_ = 0;
  std::uint64_t asked_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace bastion::connection
