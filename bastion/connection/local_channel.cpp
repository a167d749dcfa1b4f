#include "bastion/connection/local_channel.h"

#include <algorithm>
#include <limits>

#include "bastion/connection/mux.h"

namespace bastion::connection {

LocalChannel::~LocalChannel() { mux_.forget(*this); }

void LocalChannel::write(Bytes bytes) {
  if (ended_) return;
  unsent_.append(bytes);
  above_high_water_ |= unsent_.size() > kHighWater;
  if (!mux_.lost_) pump();
}

void LocalChannel::on_confirmed(const ChannelOpenConfirmation& confirmation) {
  peer_ = Peer{confirmation.sender, confirmation.window, confirmation.max_packet};
  opened_.set(Result<>{});
  pump();
}

void LocalChannel::on_refused(std::string_view description) {
  ended_ = Error{std::string(description)};
  opened_.set(std::unexpected(*ended_));
}

Result<> LocalChannel::on_window_adjust(std::uint32_t bytes) {
  if (!peer_) return fail("window adjust on a channel that is not open");
  if (bytes > std::numeric_limits<std::uint32_t>::max() - peer_->window) return fail("window beyond 2^32-1");
  peer_->window += bytes;
  send_more();
  return {};
}

Result<> LocalChannel::on_data(MutableBytes data) {
  if (!peer_) return fail("data on a channel that is not open");
  if (data.size() > granted_) return fail("data beyond the window");
  if (ended_) return {};
  granted_ -= static_cast<std::uint32_t>(data.size());
  if (paused_ || !unread_.empty() || reader_ == nullptr) {
    unread_.append(data);
    return {};
  }
  reader_->on_bytes(data);
  grant(data.size());
  return {};
}

void LocalChannel::resume() {
  if (!paused_) return;
  paused_ = false;
  deliver_unread();
}

// In slices, because the reader may pause us again at any of them.
void LocalChannel::deliver_unread() {
  while (!paused_ && reader_ != nullptr && !unread_.empty()) {
    const auto slice = unread_.front().first(std::min<std::size_t>(unread_.size(), kMaxPacket));
    reader_->on_bytes(slice);
    const auto size = slice.size();
    unread_.take(size);
    grant(size);
  }
  if (!paused_ && unread_.empty() && ended_ && reader_ != nullptr) std::exchange(reader_, nullptr)->on_lost(*ended_);
}

void LocalChannel::on_end(const Error& why) {
  if (ended_) return;
  ended_ = why;
  if (!opened_.is_set()) opened_.set(std::unexpected(why));
  deliver_unread();
}

// Half a window at a time: enough to keep the pipe full, few enough messages.
void LocalChannel::grant(std::size_t consumed) {
  consumed_ += static_cast<std::uint32_t>(consumed);
  if (consumed_ < kWindow / 2 || ended_) return;
  mux_.sink().send(encode(ChannelWindowAdjust{peer_->number, consumed_}));
  granted_ += std::exchange(consumed_, 0);
}

void LocalChannel::pump() {
  if (!peer_) return;
  while (!unsent_.empty() && peer_->window > 0 && !mux_.sink().congested()) {
    const auto size = std::min<std::size_t>({unsent_.size(), peer_->window, peer_->max_packet});
    if (size == 0) return;
    mux_.send_data(peer_->number, unsent_.front().first(size));
    unsent_.take(size);
    peer_->window -= static_cast<std::uint32_t>(size);
  }
}

void LocalChannel::send_more() {
  pump();
  if (above_high_water_ && unsent_.size() <= kLowWater) {
    above_high_water_ = false;
    if (reader_ != nullptr) reader_->on_drained();
  }
}

}  // namespace bastion::connection
