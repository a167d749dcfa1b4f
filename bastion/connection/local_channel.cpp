#include "bastion/connection/local_channel.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "bastion/base/wire_format.h"
#include "bastion/connection/local_channels.h"

namespace bastion::connection {

LocalChannel::~LocalChannel() { channels_.release(*this); }

MutableBytes LocalChannel::prepare(std::size_t size) {
  if (lost_ || our_eof_ != OurEof::none) return {};
  return unsent_.prepare(size);
}

void LocalChannel::commit(std::size_t size) {
  unsent_.commit(size);
  queued();
}

void LocalChannel::write_error(Bytes bytes) {
  if (lost_ || our_eof_ != OurEof::none) return;
  unsent_errors_.append(bytes);
  queued();
}

void LocalChannel::queued() {
  above_high_water_ |= backlog() > kHighWater;
  pump();
}

void LocalChannel::end() {
  if (our_eof_ != OurEof::none) return;
  our_eof_ = OurEof::wanted;
  pump();
}

void LocalChannel::begin(Peer peer) { peer_ = {peer.number, peer.window, std::min(peer.max_packet, kMaxPacket)}; }

void LocalChannel::on_confirmed(const ChannelOpenConfirmation& confirmation) {
  begin({confirmation.sender, confirmation.window, confirmation.max_packet});
  opened_.set({});
  send_more();
}

void LocalChannel::on_refused(const ChannelOpenFailure& failure) {
  lost_ = Error{std::string(failure.description)};
  opened_.set(std::unexpected(NotOpened{failure.code, lost_->text}));
}

Result<> LocalChannel::on_window_adjust(std::uint32_t bytes) {
  if (bytes > std::numeric_limits<std::uint32_t>::max() - peer_->window) return fail("window beyond 2^32-1");
  peer_->window += bytes;
  underway_ -= std::min<std::size_t>(underway_, bytes);
  adjusted_ = true;
  least_underway_ = std::clamp<std::size_t>(2 * std::size_t{bytes}, kLeastUnderway, least_underway_);
  send_more();
  return {};
}

Result<> LocalChannel::take_from_window(std::size_t size) {
  if (size > granted_) return fail("data beyond the window");
  granted_ -= static_cast<std::uint32_t>(size);
  count(size);
  return {};
}

void LocalChannel::count(std::size_t size) {
  carried_ += size;
  if (is_apart_) channels_.apart_ += size;
}

Result<> LocalChannel::on_data(MutableBytes data) {
  if (auto taken = take_from_window(data.size()); !taken) return taken;
  if (lost_ || peer_eof_ != PeerEof::none) return {};
  if (paused_ || !unread_.empty() || reader_ == nullptr) {
    unread_.append(data);
    return {};
  }
  reader_->on_bytes(data);
  grant();
  return {};
}

Result<> LocalChannel::on_extended_data(const ChannelExtendedData& data) {
  if (peer_eof_ != PeerEof::none) return fail("extended data after EOF");
  if (auto taken = take_from_window(data.data.size()); !taken) return taken;
  if (lost_) return {};
  if (session_ != nullptr && data.code == kStderr) session_->on_error_bytes(data.data);
  grant();
  return {};
}

void LocalChannel::start(const SessionStart& start, Session& session) {
  session_ = &session;
  if (peer_ && !lost_) channels_.sink().send(encode_start(peer_->number, true, start));
}

void LocalChannel::on_request(const ChannelRequest& request) {
  if (session_ != nullptr && !lost_) session_->on_request(request);
}

void LocalChannel::on_answer(bool granted) {
  if (session_ != nullptr && !lost_) session_->on_started(granted);
}

void LocalChannel::resume() {
  paused_ = false;
  deliver();
}

// In slices, because the reader may pause us again at any of them.
void LocalChannel::deliver() {
  while (!paused_ && reader_ != nullptr && !unread_.empty()) {
    const auto slice = unread_.front().first(std::min<std::size_t>(unread_.size(), kMaxPacket));
    reader_->on_bytes(slice);
    unread_.take(slice.size());
    grant();
  }
  if (paused_ || reader_ == nullptr || !unread_.empty()) return;
  if (peer_eof_ == PeerEof::received) {
    peer_eof_ = PeerEof::delivered;
    reader_->on_eof();
  }
  if (lost_ && reader_ != nullptr) std::exchange(reader_, nullptr)->on_lost(*lost_);
}

void LocalChannel::on_eof() {
  if (peer_eof_ != PeerEof::none || lost_) return;
  peer_eof_ = PeerEof::received;
  deliver();
}

void LocalChannel::on_lost(const Error& why) {
  if (lost_) return;
  lost_ = why;
  unsent_.clear();
  unsent_errors_.clear();
  if (!opened_.is_set()) opened_.set(std::unexpected(NotOpened{.text = why.text}));
  // Whoever has paused us because of what was unsent is to go on, and hears the rest.
  if (std::exchange(above_high_water_, false) && reader_ != nullptr) reader_->on_drained();
  deliver();
}

// A peer far away has used up its window before it hears of more, so more is granted soon: the pipe stays full of
// nearly a whole window, with few enough messages.
void LocalChannel::grant() {
  const std::size_t open = granted_ + unread_.size();
  channels_.note_beyond(*this, open);
  const std::size_t window = channels_.window_of(*this);
  if (open > window - std::min<std::size_t>(window / 2, kGrant) || lost_ || peer_eof_ != PeerEof::none) return;
  const auto more = static_cast<std::uint32_t>(window - open);
  channels_.note_beyond(*this, window);
  // As often as every third message of bulk: it is to ask for no memory.
  std::array<std::uint8_t, 9> adjust{static_cast<std::uint8_t>(Number::channel_window_adjust)};
  put_u32(MutableBytes{adjust}.subspan(1), peer_->number);
  put_u32(MutableBytes{adjust}.subspan(5), more);
  channels_.sink().send(Bytes{adjust});
  granted_ += more;
}

bool LocalChannel::may_send() const {
  if (peer_->window == 0) return false;
  return !channels_.is_shared() || underway_ < std::max<std::size_t>(channels_.allowance(), least_underway_);
}

// A peer may well wait for more than we allow before it makes room again; then we allow it more, until it makes room
// for less at once: it may only have stood still.
std::size_t LocalChannel::tick() {
  const bool waits = peer_ && !unsent_.empty() && peer_->window > 0 && !may_send();
  if (!std::exchange(adjusted_, false) && waits) {
    least_underway_ = 2 * underway_;
    send_more();
  }
  return std::exchange(carried_, 0);
}

void LocalChannel::pump() {
  if (!peer_ || lost_) return;
  std::array<std::uint8_t, 9> head{static_cast<std::uint8_t>(Number::channel_data)};
  put_u32(MutableBytes{head}.subspan(1), peer_->number);
  send_from(unsent_, head);
  if (unsent_.empty() && !unsent_errors_.empty()) {
    std::array<std::uint8_t, 13> error_head{static_cast<std::uint8_t>(Number::channel_extended_data)};
    put_u32(MutableBytes{error_head}.subspan(1), peer_->number);
    put_u32(MutableBytes{error_head}.subspan(5), kStderr);
    send_from(unsent_errors_, error_head);
  }
  if (backlog() == 0 && our_eof_ == OurEof::wanted) {
    our_eof_ = OurEof::said;
    channels_.sink().send(encode(ChannelEof{peer_->number}));
  }
}

void LocalChannel::send_from(ByteQueue& unsent, MutableBytes head) {
  while (!unsent.empty() && may_send() && !channels_.sink().congested()) {
    const auto size = std::min<std::size_t>({unsent.size(), peer_->window, peer_->max_packet});
    if (size == 0) return;
    put_u32(head.last(sizeof(std::uint32_t)), static_cast<std::uint32_t>(size));
    channels_.sink().send(head, unsent.front().first(size));
    channels_.sent_ += size;
    count(size);
    underway_ += size;
    unsent.take(size);
    peer_->window -= static_cast<std::uint32_t>(size);
  }
}

void LocalChannel::send_more() {
  const bool is_ending = our_eof_ == OurEof::wanted;
  pump();
  if (our_eof_ == OurEof::wanted) return;
  if (is_ending || (above_high_water_ && backlog() <= kLowWater)) {
    above_high_water_ = false;
    if (reader_ != nullptr) reader_->on_drained();
  }
}

}  // namespace bastion::connection
