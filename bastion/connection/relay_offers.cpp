// What becomes of the channels and sessions that a relay has offered to its delegate.
#include <utility>

#include "bastion/connection/refusal.h"
#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;
using Offered = RelayedChannel::Offered;

}  // namespace

std::unique_ptr<LocalChannel> Relay::open_agent() {
  if (phase_ == Phase::refusing || channels_.full()) return nullptr;
  const auto number = channels_.add({.opener = Side::container, .course = Course::served, .is_forwarded = true}).first;
  auto local = local_.opening(number);
  user_.send(encode(ChannelOpen{.type = "auth-agent@openssh.com",
                                .sender = number,
                                .window = local_.first_window(),
                                .max_packet = LocalChannel::kMaxPacket,
                                .payload = {}}));
  return local;
}

std::unique_ptr<LocalChannel> Relay::accept_channel(std::uint32_t number) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  const auto& user = channel.user;
  user_.send(
      encode(ChannelOpenConfirmation{*user.number, number, LocalChannel::kWindow, LocalChannel::kMaxPacket, {}}));
  return local_.opened(number, {*user.number, user.window, user.max_packet}, LocalChannel::kWindow);
}

void Relay::refuse_channel_offer(std::uint32_t number, OpenFailureCode code, std::string_view why) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  user_.send(encode(ChannelOpenFailure{*channel.user.number, code, why}));
  forget(number);
}

void Relay::pass_session(std::uint32_t number) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  if (channel.course != Course::undecided) return remove_if_over(number);
  channel.course = Course::relayed;
  want_container();
  flush_held();
}

std::unique_ptr<LocalChannel> Relay::serve_session(std::uint32_t number, std::uint32_t window) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  channel.course = Course::served;
  const auto user = *channel.user.number;
  user_.send(encode(ChannelWindowAdjust{user, window}));
  auto local = local_.opened(number, {user, channel.user.window, channel.user.max_packet}, window);
  auto answered = channel.granted_early.size();
  for (auto& packet : channel.held) {
    const auto message = parse(packet);
    if (is_question(*message)) {
      if (answered > 0) {
        --answered;
        continue;
      }
      user_.send(encode(ChannelSuccess{user}));
      channel.granted_early.emplace_back(std::get<ChannelRequest>(*message).type);
    } else if (std::holds_alternative<ChannelEof>(*message) || std::holds_alternative<ChannelClose>(*message)) {
      std::ignore = local_.receive(number, *message, packet);
    }
  }
  forget_held(number);
  if (!local_.has(number)) forget(number);
  flush_held();
  return local;
}

void Relay::pass_served_session(std::uint32_t number, LocalChannel& local) {
  auto& channel = *channels_.find(number);
  const auto left = local_.withdraw(local);
  channel.course = Course::relayed;
  channel.session = nullptr;
  channel.granted = left.granted;
  channel.user.window = left.window;
  held_.push_front({number, encode(ChannelOpen{"session", number, 0, 0, {}})});
  if (!kept_.take(held_.front().packet.size())) {
    held_.pop_front();
    return refuse_channel(number, kTooMuch, kLostExitStatus);
  }
  want_container();
  flush_held();
}

void Relay::refuse_session(std::uint32_t number, const std::string& sentence, std::uint32_t status) {
  auto& channel = *channels_.find(number);
  channel.offered = Offered::answered;
  if (channel.course != Course::undecided) return remove_if_over(number);
  refuse_channel(number, sentence, status);
  flush_held();
}

}  // namespace bastion::connection
