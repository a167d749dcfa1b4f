// The relay's way to the container: what waits for it, and what becomes of that when it is there, or is not.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "bastion/connection/refusal.h"
#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;

}  // namespace

Result<> Relay::hold(std::optional<std::uint32_t> channel, Bytes packet) {
  if (!kept_.take(packet.size())) return std::unexpected(Error{kTooMuch});
  held_.push_back({channel, ByteVector(packet.begin(), packet.end())});
  return {};
}

void Relay::want_container() {
  if (phase_ != Phase::idle) return;
  phase_ = Phase::waiting;
  delegate_.on_container_wanted();
}

void Relay::connect(PacketSink& container) {
  container_ = &container;
  phase_ = Phase::connected;
  flush_held();
}

// A session of which nobody has said yet where it leads keeps its place, and waits for nobody's: other channels pass
// it. What is said of all that was opened before does not.
void Relay::flush_held() {
  for (std::size_t at = 0; phase_ == Phase::connected && at < held_.size();) {
    const auto number = held_[at].channel;
    if (number && is_undecided(*number)) {
      ++at;
      continue;
    }
    if (!number && at > 0) return;
    const auto packet = std::move(held_[at].packet);
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(at));
    kept_.give_back(packet.size());
    const auto message = parse(packet);  // it was parsed before it was held
    auto* const channel = number ? channels_.find(*number) : nullptr;
    if (const auto* request = std::get_if<GlobalRequest>(&*message)) {
      forward_global(packet, *request);
    } else if (channel != nullptr) {
      forward_open(*number, *channel, std::get<ChannelOpen>(*message));
    }
  }
}

bool Relay::is_undecided(std::uint32_t number) {
  const auto* const channel = channels_.find(number);
  return channel != nullptr && channel->course == Course::undecided;
}

bool Relay::nothing_waits() {
  return std::ranges::all_of(held_, [this](const Held& held) { return held.channel && is_undecided(*held.channel); });
}

void Relay::forget_held(std::uint32_t number) {
  std::erase_if(held_, [&](const Held& held) {
    if (held.channel != number) return false;
    kept_.give_back(held.packet.size());
    return true;
  });
}

void Relay::disconnect(const std::string& sentence, std::uint32_t status) {
  if (phase_ == Phase::refusing) return;
  phase_ = Phase::idle;
  // What was opened for the container goes; a session that nobody has decided on, and all that is ours, stays.
  for (const auto number : channels_.numbers()) {
    auto* const channel = channels_.find(number);
    if (channel == nullptr) continue;
    if (channel->course == Course::relayed) {
      refuse_channel(number, sentence, status);
    } else if (channel->course == Course::refused) {
      channel->container = {};
      remove_if_over(number);
    }
  }
  std::erase_if(held_, [&](const Held& held) {
    if (held.channel) return false;
    kept_.give_back(held.packet.size());
    return true;
  });
  owed_user_.answer_all(encode(RequestFailure{}), user_);
  asked_container_.clear();
  for (auto& question : asked_user_) question.asker = Asker::bastion;
  permitted_.clear();
  container_ = nullptr;
}

void Relay::refuse(std::string sentence, std::uint32_t status) {
  if (phase_ == Phase::refusing) return;
  disconnect(sentence, status);
  phase_ = Phase::refusing;
  for (const auto number : channels_.numbers()) {
    auto* const channel = channels_.find(number);
    if (channel == nullptr) continue;
    if (channel->course == Course::undecided) refuse_channel(number, sentence, status);
    // Nothing is to be asked of her agent any more, and her client waits for the channel's end.
    if (channel->course == Course::served && channel->opener == Side::container) {
      std::ignore = local_.receive(number, ChannelClose{number}, {});
    }
  }
  sentence_ = std::move(sentence);
  status_ = status;
}

}  // namespace bastion::connection
