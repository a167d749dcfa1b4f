// How a channel ends other than by what its two ends say: refused, with the sentence for the user; or forgotten.
#include <algorithm>
#include <utility>

#include "bastion/connection/refusal.h"
#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;

bool tells_end_in_packet(const ByteVector& packet) {
  const auto message = parse(packet);
  const auto* const request = message ? std::get_if<ChannelRequest>(&*message) : nullptr;
  return request != nullptr && tells_end(*request);
}

}  // namespace

void Relay::refuse_channel(std::uint32_t number, const std::string& sentence, std::uint32_t status) {
  forget_held(number);
  auto& channel = *channels_.find(number);
  const bool was_open = channel.is_open();
  channel.course = Course::refused;
  permitted_.end_session(number);
  channel.observation.end();
  channel.refusal = sentence;
  channel.refusal_status = status;
  channel.container.drop_waiting(waiting_);
  channel.exit_told = channel.exit_told && std::ranges::none_of(channel.user.waiting, tells_end_in_packet);
  channel.user.drop_waiting(waiting_);
  channel.container = {};  // whatever the container knew of it, it is not to be told any more
  if (channel.awaits_user()) return;
  if (was_open) {
    end_refused(channel, user_);
  } else if (!channel.confirmed_early) {
    user_.send(encode(ChannelOpenFailure{*channel.user.number, OpenFailureCode::connect_failed, sentence}));
    return forget(number);
  }
  for (const auto& packet : std::exchange(channel.held, {})) {
    kept_.give_back(packet.size());
    auto held = *parse(packet);
    if (is_question(held) && !channel.granted_early.empty()) {
      channel.granted_early.pop_front();
      std::get<ChannelRequest>(held).want_reply = false;  // it is answered
    }
    answer_refused(channel, held, user_);
  }
  remove_if_over(number);
}

void Relay::forget(std::uint32_t number) {
  forget_held(number);
  permitted_.end_session(number);
  if (auto* channel = channels_.find(number); channel != nullptr) {
    for (const auto& packet : channel->held) kept_.give_back(packet.size());
    channel->user.drop_waiting(waiting_);
    channel->container.drop_waiting(waiting_);
  }
  channels_.remove(number);
  flush_held();
}

void Relay::remove_if_over(std::uint32_t number) {
  if (const auto* channel = channels_.find(number); channel != nullptr && channel->is_over()) forget(number);
}

bool Relay::ends_with_answer(std::uint32_t number, RelayedChannel& channel) {
  if (channel.unanswered > 0) --channel.unanswered;
  if (!channel.refused_start || --channel.refused_start->answers > 0 || !channel.user.closing.may_send_data())
    return false;
  if (channel.refused_start->want_reply) user_.send(encode(ChannelSuccess{*channel.user.number}));
  end_session(number, channel);
  return true;
}

void Relay::end_session(std::uint32_t number, RelayedChannel& channel) {
  channel.course = Course::refused;
  channel.observation.end();
  channel.container.drop_waiting(waiting_);
  if (channel.container.closing.send_close()) container_->send(encode(ChannelClose{*channel.container.number}));
  end_refused(channel, user_);
  remove_if_over(number);
}

}  // namespace bastion::connection
