// The channels of one connection that end here: the table behind LocalChannel. A hop's connection has nothing else; on
// a user's there are those the bastion serves itself.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "bastion/base/packet_sink.h"
#include "bastion/connection/local_channel.h"

namespace bastion::connection {

class LocalChannels {
 public:
  // `sink` must outlive it.
  explicit LocalChannels(PacketSink& sink) : sink_(sink) {}
  LocalChannels(const LocalChannels&) = delete;
  LocalChannels& operator=(const LocalChannels&) = delete;

  // Numbers are the caller's. A channel must be destroyed before the table.
  // One that we open; the caller sends the opening.
  [[nodiscard]] std::unique_ptr<LocalChannel> opening(std::uint32_t number);
  // One that the peer has opened and the caller confirms, granting so much.
  [[nodiscard]] std::unique_ptr<LocalChannel> opened(std::uint32_t number, LocalChannel::Peer peer,
                                                     std::uint32_t granted);

  // One message of the peer about this channel. An error means that the peer broke the protocol.
  Result<> receive(std::uint32_t number, const Message& message, MutableBytes packet);
  // The transport has room again: channels that have little to say come first, then the others in turn.
  void drained();
  // The transport carries so many bytes at once without a queue. Channels that carry much share it from now on, in each
  // direction: what one of them has on its way delays all others. To be called a few times a second.
  void share(std::size_t bytes);
  // Until it is taken back, every channel has the least share there is: what is on its way is to be little.
  void throttle(bool on) { throttled_ = on; }
  // What one channel may have on its way; more than LocalChannel::kWindow of that it is granted only as far as all of
  // them together do not exceed what share() was told, or 32 MiB. Before the first share() the peer's windows are the
  // only bound for what we send.
  [[nodiscard]] std::uint32_t allowance() const {
    return throttled_ ? kLeastAllowance : share_.value_or(LocalChannel::kWindow);
  }
  // What a channel that we open is granted with the opening.
  [[nodiscard]] std::uint32_t first_window() const { return std::min(allowance(), LocalChannel::kWindow); }
  [[nodiscard]] bool is_shared() const { return share_.has_value(); }
  // The transport is gone: every channel ends with `why`.
  void lost(const Error& why);

  // Whether the peer may still speak of it: the number is not free before.
  [[nodiscard]] bool has(std::uint32_t number) const { return table_.contains(number); }
  [[nodiscard]] std::size_t size() const { return table_.size(); }
  // Bytes of channel data sent so far.
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  // And of those, and of what was received, what was in channels that are counted apart.
  [[nodiscard]] std::uint64_t apart() const { return apart_; }
  // The channel goes on elsewhere: nothing more comes from it, and its destruction closes nothing.
  struct Left {
    std::uint32_t window = 0;   // bytes the peer still accepts
    std::uint32_t granted = 0;  // bytes it may still send
  };
  Left withdraw(LocalChannel& channel);

  // Channel objects that somebody owns, open or not.
  [[nodiscard]] std::size_t holders() const { return holders_; }

 private:
  friend class LocalChannel;

  static constexpr std::uint32_t kLeastAllowance = 2 * LocalChannel::kMaxPacket;

  // A channel whose owner is gone stays in the table until the peer has closed it too.
  struct Entry {
    LocalChannel* channel = nullptr;
    std::optional<std::uint32_t> peer{};
    bool closed_by_us = false;
  };

  [[nodiscard]] PacketSink& sink() { return sink_; }
  std::unique_ptr<LocalChannel> add(std::uint32_t number, std::optional<LocalChannel::Peer> peer,
                                    std::uint32_t granted);
  void release(LocalChannel& channel);
  [[nodiscard]] std::vector<std::uint32_t> numbers() const;
  [[nodiscard]] std::vector<std::uint32_t> numbers_in_turn() const;
  // What the peer may have sent in this channel without its reader having had it.
  [[nodiscard]] std::size_t window_of(const LocalChannel& channel) const;
  // So much of that is used or granted now.
  void note_beyond(LocalChannel& channel, std::size_t open);
  [[nodiscard]] LocalChannel* find(std::uint32_t number);
  void close(Entry& entry);
  Result<> on_confirmation(Entry& entry, const ChannelOpenConfirmation& confirmation);
  Result<> on_refusal(Entry& entry, const ChannelOpenFailure& failure);
  void on_close(Entry& entry, std::uint32_t number);

  PacketSink& sink_;
  std::map<std::uint32_t, Entry> table_;
  std::uint64_t first_unknown_ = 0;  // a channel once had each number below
  std::size_t holders_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t apart_ = 0;
  std::size_t most_beyond_ = 0;
  std::size_t beyond_ = 0;              // what is used or granted beyond a window, of all channels
  std::optional<std::uint32_t> share_;  // of each channel
  std::uint32_t last_served_ = std::numeric_limits<std::uint32_t>::max();  // by drained()
  bool throttled_ = false;
  bool lost_ = false;
};

}  // namespace bastion::connection
