// Where connection-protocol messages go: an authenticated SSH transport.
#pragma once

#include <cstddef>

#include "bastion/base/bytes.h"

namespace bastion {

class PacketSink {
 public:
  // What a transport carries in one message, at most. libssh takes packets of 256 KiB, which have the message, up to
  // 255 bytes of padding and its length.
  static constexpr std::size_t kLargestMessage = std::size_t{256 * 1024} - 256;

  // Sends one message, given in two parts so that bulk data needs no copy to get its header. Never blocks.
  virtual void send(Bytes head, Bytes body) = 0;
  void send(Bytes packet) { send(packet, {}); }
  // Enough is queued for now; the owner of the sink says when that is over.
  [[nodiscard]] virtual bool congested() const = 0;

 protected:
  ~PacketSink() = default;
};

}  // namespace bastion
