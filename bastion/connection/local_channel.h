// A channel that ends here, as a byte stream: a direct-tcpip channel of a hop, through which the next SSH transport
// runs, a session of ours there, or a channel of a user that the bastion serves itself. Keeps the windows of RFC 4254
// section 5.2 for both directions.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "bastion/base/byte_queue.h"
#include "bastion/base/byte_stream.h"
#include "bastion/base/task.h"
#include "bastion/connection/message.h"
#include "bastion/connection/session_start.h"

namespace bastion::connection {

class LocalChannels;

class LocalChannel final : public ByteStream {
 public:
  // What the peer may send before it hears from us: OpenSSH's window. Unread bytes of one channel never exceed it, but
  // for what share() (local_channels.h) gives all channels together beyond it.
  static constexpr std::uint32_t kWindow = 2 * 1024 * 1024;
  // Of data in one message, either way: a peer that accepts more is sent no more, because others wait behind it.
  static constexpr std::uint32_t kMaxPacket = 32 * 1024;

  // The other end: what it calls the channel, and what it accepts.
  struct Peer {
    std::uint32_t number = 0;
    std::uint32_t window = 0;  // bytes we may still send
    std::uint32_t max_packet = 0;
  };

  // What a session of ours says beside its standard output (RFC 4254 section 6). Nothing of it waits while the channel
  // is paused. The channel must not be destroyed from inside a call.
  class Session {
   public:
    virtual void on_error_bytes(Bytes bytes) = 0;
    // To start().
    virtual void on_started(bool granted) = 0;
    virtual void on_request(const ChannelRequest& request) = 0;

   protected:
    ~Session() = default;
  };

  // Only LocalChannels makes channels; it must outlive them. Without a peer: until that confirms the opening.
  LocalChannel(LocalChannels& channels, std::uint32_t number, std::optional<Peer> peer, std::uint32_t granted)
      : channels_(channels), number_(number), granted_(granted) {
    if (peer) begin(*peer);
  }
  // Closes the channel in order, or abandons the opening.
  ~LocalChannel() override;

  // Why there is no channel: in the peer's words, and by its code where it has answered.
  struct NotOpened {
    std::optional<OpenFailureCode> code = std::nullopt;
    std::string text = {};
  };
  // The peer's answer to the opening.
  [[nodiscard]] Event<std::expected<void, NotOpened>>& opened() { return opened_; }
  [[nodiscard]] std::uint32_t number() const { return number_; }
  // What the peer calls it; nothing while it is not open.
  [[nodiscard]] std::optional<std::uint32_t> peer_number() const {
    return peer_ && !lost_ ? std::optional(peer_->number) : std::nullopt;
  }

  // Asks for a command in a session of ours, once, when it is open; who hears of it must outlive the channel.
  void start(const SessionStart& start, Session& session);

  void read_to(Reader* reader) override { reader_ = reader; }
  [[nodiscard]] MutableBytes prepare(std::size_t size) override;
  void commit(std::size_t size) override;
  // From now on what passes in it says nothing about whether somebody uses the connection: whoever serves it knows.
  void count_apart() { is_apart_ = true; }
  // Standard error of a session: extended data, under the same window. What is queued for standard output goes first.
  void write_error(Bytes bytes);
  [[nodiscard]] std::size_t backlog() const override { return unsent_.size() + unsent_errors_.size(); }
  void end() override;
  void pause() override { paused_ = true; }
  void resume() override;

 private:
  friend class LocalChannels;

  // So much is read when a window is opened again, as OpenSSH does it.
  static constexpr std::size_t kGrant = 3 * kMaxPacket;
  // OpenSSH makes room again when it has had three packets.
  static constexpr std::size_t kLeastUnderway = 4 * kMaxPacket;

  void begin(Peer peer);
  void on_confirmed(const ChannelOpenConfirmation& confirmation);
  void on_refused(const ChannelOpenFailure& failure);
  Result<> on_window_adjust(std::uint32_t bytes);
  Result<> on_data(MutableBytes data);
  Result<> on_extended_data(const ChannelExtendedData& data);
  void on_request(const ChannelRequest& request);
  void on_answer(bool granted);
  // The peer has used so much of its window.
  Result<> take_from_window(std::size_t size);
  void on_eof();
  void on_lost(const Error& why);
  void queued();  // something more is unsent
  [[nodiscard]] bool may_send() const;
  void pump();
  // As much of it as the window and the transport take, in messages that begin with `head`.
  void send_from(ByteQueue& unsent, MutableBytes head);
  void send_more();  // and tell a reader who waits for it
  void deliver();
  void grant();
  void count(std::size_t size);
  // Returns how much it has carried since the last time.
  std::size_t tick();

  LocalChannels& channels_;
  std::uint32_t number_;
  Reader* reader_ = nullptr;
  Session* session_ = nullptr;
  Event<std::expected<void, NotOpened>> opened_;
  std::optional<Peer> peer_;
  std::uint32_t granted_;                        // bytes the peer may still send
  std::size_t beyond_ = 0;                       // what of it and of what is unread exceeds kWindow
  std::size_t underway_ = 0;                     // bytes sent that the peer has not made room for again
  std::size_t least_underway_ = kLeastUnderway;  // so many it may want to have before it does
  std::size_t carried_ = 0;                      // bytes since the last tick
  bool adjusted_ = false;                        // the peer has, since the last tick
  ByteQueue unsent_;
  ByteQueue unsent_errors_;
  ByteQueue unread_;
  std::optional<Error> lost_;  // the peer said CLOSE, or the transport is gone
  enum class PeerEof : std::uint8_t { none, received, delivered };
  PeerEof peer_eof_ = PeerEof::none;
  enum class OurEof : std::uint8_t { none, wanted, said };  // said once everything is sent
  OurEof our_eof_ = OurEof::none;
  bool paused_ = false;
  bool is_apart_ = false;
  bool above_high_water_ = false;
};

}  // namespace bastion::connection
