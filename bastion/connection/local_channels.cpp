#include "bastion/connection/local_channels.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace bastion::connection {
namespace {

// A keystroke, an answer, a window: what is not bulk.
constexpr std::size_t kLittle = 4096;
// Carried between two calls of share(), it makes a channel one of those that carry much.
constexpr std::size_t kMuch = 64 * 1024;
// Everything of a login goes through one channel of a hop, all its own windows together.
constexpr std::uint32_t kMostAllowance = 4 * LocalChannel::kWindow;
// What all channels together may have beyond a window each: whoever stands still keeps what it was granted.
constexpr std::size_t kMostBeyond = 4 * std::size_t{kMostAllowance};

}  // namespace

std::unique_ptr<LocalChannel> LocalChannels::opening(std::uint32_t number) {
  return add(number, std::nullopt, first_window());
}

std::unique_ptr<LocalChannel> LocalChannels::opened(std::uint32_t number, LocalChannel::Peer peer,
                                                    std::uint32_t granted) {
  return add(number, peer, granted);
}

std::unique_ptr<LocalChannel> LocalChannels::add(std::uint32_t number, std::optional<LocalChannel::Peer> peer,
                                                 std::uint32_t granted) {
  first_unknown_ = std::max(first_unknown_, std::uint64_t{number} + 1);
  auto channel = std::make_unique<LocalChannel>(*this, number, peer, granted);
  ++holders_;
  table_.emplace(number, Entry{.channel = channel.get(), .peer = peer ? std::optional(peer->number) : std::nullopt});
  return channel;
}

void LocalChannels::release(LocalChannel& channel) {
  --holders_;
  note_beyond(channel, 0);
  const auto found = table_.find(channel.number_);
  if (found == table_.end() || found->second.channel != &channel) return;  // the number may have gone to another one
  found->second.channel = nullptr;
  if (found->second.peer) close(found->second);
}

LocalChannels::Left LocalChannels::withdraw(LocalChannel& channel) {
  table_.erase(channel.number_);
  channel.reader_ = nullptr;
  channel.on_lost(Error{"it goes on elsewhere"});
  return {.window = channel.peer_->window, .granted = channel.granted_};
}

void LocalChannels::close(Entry& entry) {
  if (lost_ || std::exchange(entry.closed_by_us, true)) return;
  sink_.send(encode(ChannelClose{*entry.peer}));
}

// Ending one channel, or letting it send, may make its owner drop others: walk the numbers, not the table.
void LocalChannels::drained() {
  for (const auto number : numbers_in_turn()) {
    if (sink_.congested()) return;
    auto* const channel = find(number);
    if (channel == nullptr) continue;
    if (channel->backlog() > kLittle) last_served_ = number;
    channel->send_more();
  }
}

void LocalChannels::share(std::size_t bytes) {
  std::size_t busy = 0;
  for (const auto number : numbers()) {
    if (auto* const channel = find(number); channel != nullptr && channel->tick() > kMuch) ++busy;
  }
  const auto each = bytes / std::max<std::size_t>(busy, 1);
  most_beyond_ = std::min(bytes, kMostBeyond);
  share_ = static_cast<std::uint32_t>(std::clamp<std::size_t>(each, kLeastAllowance, kMostAllowance));
}

std::size_t LocalChannels::window_of(const LocalChannel& channel) const {
  const std::size_t window = allowance();
  if (window <= LocalChannel::kWindow) return window;
  const auto others = beyond_ - channel.beyond_;
  const auto left = most_beyond_ - std::min(most_beyond_, others);
  return LocalChannel::kWindow + std::min(window - LocalChannel::kWindow, left);
}

void LocalChannels::note_beyond(LocalChannel& channel, std::size_t open) {
  const auto beyond = open - std::min<std::size_t>(open, LocalChannel::kWindow);
  beyond_ = beyond_ - std::exchange(channel.beyond_, beyond) + beyond;
}

void LocalChannels::lost(const Error& why) {
  lost_ = true;
  for (const auto number : numbers()) {
    if (auto* const channel = find(number)) channel->on_lost(why);
  }
}

std::vector<std::uint32_t> LocalChannels::numbers() const {
  std::vector<std::uint32_t> all;
  all.reserve(table_.size());
  for (const auto& [number, entry] : table_) all.push_back(number);
  return all;
}

// Those with little to say, then those after the last one that was served, then the rest.
std::vector<std::uint32_t> LocalChannels::numbers_in_turn() const {
  std::vector<std::uint32_t> little;
  std::vector<std::uint32_t> much;
  for (const auto& [number, entry] : table_) {
    const bool has_much = entry.channel != nullptr && entry.channel->backlog() > kLittle;
    (has_much ? much : little).push_back(number);
  }
  std::ranges::rotate(much, std::ranges::upper_bound(much, last_served_));
  little.insert(little.end(), much.begin(), much.end());
  return little;
}

LocalChannel* LocalChannels::find(std::uint32_t number) {
  const auto found = table_.find(number);
  return found == table_.end() ? nullptr : found->second.channel;
}

Result<> LocalChannels::on_confirmation(Entry& entry, const ChannelOpenConfirmation& confirmation) {
  if (entry.peer) return fail("channel {} was confirmed twice", confirmation.recipient);
  entry.peer = confirmation.sender;
  if (entry.channel != nullptr) {
    entry.channel->on_confirmed(confirmation);
  } else {
    close(entry);  // nobody waits for it any more
  }
  return {};
}

Result<> LocalChannels::on_refusal(Entry& entry, const ChannelOpenFailure& failure) {
  if (entry.peer) return fail("channel {} was refused after it was confirmed", failure.recipient);
  auto* const channel = entry.channel;
  table_.erase(failure.recipient);
  if (channel != nullptr) channel->on_refused(failure);
  return {};
}

void LocalChannels::on_close(Entry& entry, std::uint32_t number) {
  close(entry);
  auto* const channel = entry.channel;
  table_.erase(number);
  if (channel != nullptr) channel->on_lost(Error{"the connection was closed"});
}

Result<> LocalChannels::receive(std::uint32_t number, const Message& message, MutableBytes packet) {
  const auto found = table_.find(number);
  if (found == table_.end()) {
    const bool was_open = number < first_unknown_;
    if (was_open ? is_harmless_when_closed(message) : is_harmless_when_unknown(message)) return {};
    return fail("a message for channel {}, which does not exist", number);
  }
  auto& entry = found->second;
  if (const auto* confirmation = std::get_if<ChannelOpenConfirmation>(&message)) {
    return on_confirmation(entry, *confirmation);
  }
  if (const auto* failure = std::get_if<ChannelOpenFailure>(&message)) return on_refusal(entry, *failure);
  if (!entry.peer) return {};  // it has not said yet that it is open
  if (std::holds_alternative<ChannelClose>(message)) {
    on_close(entry, number);
    return {};
  }
  auto* const channel = entry.channel;
  if (const auto* request = std::get_if<ChannelRequest>(&message)) {
    if (request->want_reply && !entry.closed_by_us) sink_.send(encode(ChannelFailure{*entry.peer}));
    if (channel != nullptr) channel->on_request(*request);
    return {};
  }
  if (channel == nullptr) return {};
  if (const auto* adjust = std::get_if<ChannelWindowAdjust>(&message)) return channel->on_window_adjust(adjust->bytes);
  if (const auto* data = std::get_if<ChannelData>(&message)) return channel->on_data(packet.last(data->data.size()));
  if (const auto* data = std::get_if<ChannelExtendedData>(&message)) return channel->on_extended_data(*data);
  if (std::holds_alternative<ChannelSuccess>(message)) channel->on_answer(true);
  if (std::holds_alternative<ChannelFailure>(message)) channel->on_answer(false);
  if (std::holds_alternative<ChannelEof>(message)) channel->on_eof();
  return {};
}

}  // namespace bastion::connection
