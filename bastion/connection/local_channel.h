// A channel that ends here, as a byte stream: a direct-tcpip channel of a hop, through which the next SSH transport
// runs. Keeps the windows of RFC 4254 section 5.2 for both directions.
#pragma once

#include <optional>

#include "bastion/base/byte_queue.h"
#include "bastion/base/task.h"
#include "bastion/base/wire.h"
#include "bastion/connection/message.h"

namespace bastion::connection {

class Mux;

class LocalChannel final : public Wire {
 public:
  // What the peer may send before it hears from us. Unread bytes of one channel never exceed it.
  static constexpr std::uint32_t kWindow = 2 * 1024 * 1024;
  static constexpr std::uint32_t kMaxPacket = 32 * 1024;

  // Only a Mux makes channels (Mux::open_direct_tcpip); it must outlive them.
  LocalChannel(Mux& mux, std::uint32_t number) : mux_(mux), number_(number) {}
  // Closes the channel in order, or abandons the opening.
  ~LocalChannel() override;

  // The peer's answer to the opening: the error is its description.
  [[nodiscard]] Event<Result<>>& opened() { return opened_; }

  void read_to(Reader* reader) override { reader_ = reader; }
  void write(Bytes bytes) override;
  [[nodiscard]] std::size_t backlog() const override { return unsent_.size(); }
  void pause() override { paused_ = true; }
  void resume() override;

 private:
  friend class Mux;

  struct Peer {
    std::uint32_t number = 0;
    std::uint32_t window = 0;  // bytes we may still send
    std::uint32_t max_packet = 0;
  };

  void on_confirmed(const ChannelOpenConfirmation& confirmation);
  void on_refused(std::string_view description);
  Result<> on_window_adjust(std::uint32_t bytes);
  Result<> on_data(MutableBytes data);
  void on_end(const Error& why);
  void pump();
  void send_more();
  void deliver_unread();
  void grant(std::size_t consumed);

  Mux& mux_;
  std::uint32_t number_;
  Reader* reader_ = nullptr;
  Event<Result<>> opened_;
  std::optional<Peer> peer_;
  std::uint32_t granted_ = kWindow;  // bytes the peer may still send
  std::uint32_t consumed_ = 0;       // delivered, and not granted again yet
  ByteQueue unsent_;
  ByteQueue unread_;
  std::optional<Error> ended_;  // the peer said EOF or CLOSE, or the transport is gone
  bool paused_ = false;
  bool above_high_water_ = false;
};

}  // namespace bastion::connection
