// Channels that are being opened: where they lead, and what the other end says to it.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/contained.h"
#include "bastion/base/match.h"
#include "bastion/connection/refusal.h"
#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;
using Offered = RelayedChannel::Offered;

constexpr std::uint32_t kEarlyMaxPacket = 32 * 1024;

}  // namespace

Result<> Relay::on_open(Side from, const ChannelOpen& open, Bytes packet) {
  const auto refuse_open = [&](OpenFailureCode code, std::string_view why) {
    sink(from).send(encode(ChannelOpenFailure{open.sender, code, why}));
    return Result<>{};
  };
  if (from == Side::container && !permitted_.admit(open)) {
    delegate_.on_unasked_open(open);
    return refuse_open(OpenFailureCode::administratively_prohibited, "the user has not asked for this");
  }
  if (channels_.full()) return refuse_open(OpenFailureCode::resource_shortage, "too many channels in one connection");
  const bool is_session = open.type == "session";
  if (phase_ == Phase::refusing) {
    if (!is_session) return refuse_open(OpenFailureCode::connect_failed, sentence_);
    const auto [number, channel] = add(from, open, Course::refused);
    channel->refusal = sentence_;
    channel->refusal_status = status_;
    confirm_early(number, *channel);
    return {};
  }
  return std::visit(
      Match{
          [&](const Pass&) { return relay(from, open, packet); },
          [&](const Refuse& refused) { return refuse_open(OpenFailureCode::administratively_prohibited, refused.why); },
          [&](const Serve&) { return from == Side::user ? serve(open, packet) : relay(from, open, packet); }},
      delegate_.on_open(from, open));
}

std::pair<std::uint32_t, RelayedChannel*> Relay::add(Side from, const ChannelOpen& open, Course course) {
  const auto added = channels_.add({.opener = from, .course = course, .is_session = open.type == "session"});
  added.second->at(from) = {
      .number = open.sender, .window = open.window, .max_packet = std::min(open.max_packet, kLargestData)};
  return added;
}

void Relay::confirm_early(std::uint32_t number, RelayedChannel& channel) {
  channel.confirmed_early = true;
  user_.send(encode(ChannelOpenConfirmation{*channel.user.number, number, 0, kEarlyMaxPacket, {}}));
  say_postponed();
}

Result<> Relay::relay(Side from, const ChannelOpen& open, Bytes packet) {
  const auto [number, channel] = add(from, open, Course::relayed);
  if (from == Side::container || (phase_ == Phase::connected && nothing_waits())) {
    forward_open(number, *channel, open);
    return {};
  }
  if (channel->is_session) confirm_early(number, *channel);
  if (const auto held = hold(number, packet); !held) return held;
  want_container();
  return {};
}

Result<> Relay::serve(const ChannelOpen& open, Bytes packet) {
  if (open.type != "session") {
    const auto [number, channel] = add(Side::user, open, Course::served);
    channel->offered = Offered::pending;
    delegate_.on_channel_offer(open, ChannelOffer(*this, number));
    return {};
  }
  const auto [number, channel] = add(Side::user, open, Course::undecided);
  confirm_early(number, *channel);
  return hold(number, packet);
}

// The user's window may have been used already, by text of ours.
void Relay::forward_open(std::uint32_t number, RelayedChannel& channel, const ChannelOpen& open) {
  channel.is_forwarded = true;
  begin_observation(channel, open);
  const auto& opener = channel.at(channel.opener);
  sink(other(channel.opener))
      .send(encode(ChannelOpen{open.type, number, opener.window, opener.max_packet, open.payload}));
}

void Relay::begin_observation(RelayedChannel& channel, const ChannelOpen& open) {
  contained("the choice of a channel's observer",
            [&] { channel.observation.begin(delegate_.observer_of(channel.opener, open)); });
}

Result<> Relay::on_confirmation(Side from, const ChannelOpenConfirmation& confirmation) {
  auto* channel = channels_.find(confirmation.recipient);
  if (channel == nullptr || channel->opener == from || channel->at(from).number || !channel->is_forwarded) {
    return fail("a confirmation of channel {}, which was not being opened", confirmation.recipient);
  }
  if (channel->confirmed_early && confirmation.max_packet != 0 && confirmation.max_packet < ChannelEnd::kLeastPacket) {
    return fail("a packet size of {} bytes", confirmation.max_packet);
  }
  auto& peer = channel->at(from);
  peer.number = confirmation.sender;
  if (channel->course == Course::served) return local_.receive(confirmation.recipient, confirmation, {});
  peer.window = confirmation.window;
  peer.max_packet = std::min(confirmation.max_packet, kLargestData);
  if (channel->course == Course::refused) {  // the container that was opening it is gone
    end_refused(*channel, user_);
    return {};
  }
  if (!channel->confirmed_early) {
    const auto opener = channel->opener;
    sink(opener).send(encode(ChannelOpenConfirmation{*channel->at(opener).number, confirmation.recipient,
                                                     confirmation.window, peer.max_packet, confirmation.payload}));
    if (from == Side::container && channel->is_session) say_postponed();
    return {};
  }
  // What she was granted while we served her counts, whether she has used it or not: she hears of the rest.
  if (peer.window > channel->granted) {
    user_.send(encode(ChannelWindowAdjust{*channel->user.number, peer.window - channel->granted}));
  } else {
    peer.window_debt = channel->granted - peer.window;
  }
  auto held = std::exchange(channel->held, {});
  for (auto& packet : held) {
    kept_.give_back(packet.size());
    if (const auto again = receive(Side::user, packet); !again) return again;
  }
  return {};
}

Result<> Relay::on_open_failure(Side from, const ChannelOpenFailure& failure, MutableBytes packet) {
  auto* channel = channels_.find(failure.recipient);
  if (channel == nullptr || channel->opener == from || channel->at(from).number || !channel->is_forwarded) {
    return fail("a refusal of channel {}, which was not being opened", failure.recipient);
  }
  if (channel->course == Course::served) {
    const auto received = local_.receive(failure.recipient, failure, packet);
    forget(failure.recipient);
    return received;
  }
  if (channel->confirmed_early) {
    refuse_channel(failure.recipient, fmt::format("the container refused the session: {}", failure.description),
                   kLostExitStatus);
    return {};
  }
  if (channel->course != Course::refused) {
    rewrite_recipient(packet, *channel->at(channel->opener).number);
    sink(channel->opener).send(packet);
  }
  channels_.remove(failure.recipient);
  return {};
}

}  // namespace bastion::connection
