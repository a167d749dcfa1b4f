// The connection layer of a link: a backend that has dialled in asks for one forward (RFC 4254 section 7.1), as `ssh -N
// -R` does, and through that we open channels to its sshd (section 7.2). Anything else it asks for is refused. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/forward.h"
#include "bastion/connection/local_channels.h"

namespace bastion::connection {

class LinkMux {
 public:
  class Delegate {
   public:
    // It has asked for the forward, or taken it back.
    virtual void on_forward(bool is_there) = 0;
    // A channel, or a forward of another kind, was refused.
    virtual void on_refused(std::string_view what) = 0;
    // As Relay::Delegate has it.
    virtual std::optional<ByteVector> prove_host_keys(Bytes request) = 0;

   protected:
    ~Delegate() = default;
  };

  // What it is told that a port was chosen for, when it leaves that to us: nobody can connect to it.
  static constexpr std::uint32_t kPort = 22;
  static constexpr std::size_t kLongestAddress = 256;

  // Both outlive it.
  LinkMux(PacketSink& sink, Delegate& delegate) : sink_(sink), delegate_(delegate), channels_(sink) {}
  LinkMux(const LinkMux&) = delete;
  LinkMux& operator=(const LinkMux&) = delete;

  // One message from the peer. An error means that it broke the protocol: end the transport.
  Result<> receive(MutableBytes packet);

  [[nodiscard]] bool has_forward() const { return forward_.has_value(); }
  // A channel to what the forward leads to; null where there is none. Await opened() of it; it must be destroyed before
  // the LinkMux.
  [[nodiscard]] std::unique_ptr<LocalChannel> open();

  // The transport has room again; it is gone.
  void drained() { channels_.drained(); }
  void lost(const Error& why) { channels_.lost(why); }
  // Asks for a sign of life (keepalive@openssh.com).
  void ping();

 private:
  void on_global_request(const GlobalRequest& request);
  // The reply; nothing refuses.
  [[nodiscard]] std::optional<ByteVector> listen(const GlobalRequest& request);
  [[nodiscard]] std::optional<ByteVector> cancel(const GlobalRequest& request);

  PacketSink& sink_;
  Delegate& delegate_;
  LocalChannels channels_;
  std::optional<ForwardAddress> forward_;  // as it was asked for, with the port that it was told
  std::uint32_t next_ = 0;
};

}  // namespace bastion::connection
