// Text of ours: lines on standard error of the user's sessions.
#include <fmt/format.h>

#include <utility>

#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;

constexpr std::size_t kMaxPostponed = 8;

}  // namespace

void Relay::say(std::string_view line, Audience audience) {
  bool heard = false;
  for (const auto number : channels_.numbers()) {
    auto& channel = *channels_.find(number);
    const bool listens = channel.is_session && (channel.confirmed_early || channel.is_open()) &&
                         (channel.course == Course::relayed || channel.course == Course::undecided);
    if (!listens || (audience == Audience::terminals && !channel.has_terminal)) continue;
    write_text(channel, line);
    heard = true;
  }
  if (!heard && audience == Audience::sessions && postponed_.size() < kMaxPostponed) postponed_.emplace_back(line);
}

void Relay::say_postponed() {
  for (const auto& line : std::exchange(postponed_, {})) say(line, Audience::sessions);
}

void Relay::write_text(RelayedChannel& channel, std::string_view line) {
  auto& user = channel.user;
  const auto text = fmt::format("{}\r\n", line);  // her terminal may be in raw mode
  if (!user.closing.may_send() || !user.waiting.empty() || !user.has_room_for(text.size())) return;
  user_.send(encode(ChannelExtendedData{*user.number, kStderr, bytes_of(text)}));
  user.window -= static_cast<std::uint32_t>(text.size());
  if (channel.is_forwarded) user.window_debt += static_cast<std::uint32_t>(text.size());
}

}  // namespace bastion::connection
