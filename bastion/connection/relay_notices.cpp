// Text of ours: lines on standard error of the user's sessions.
#include <algorithm>
#include <utility>

#include "bastion/connection/relay.h"

namespace bastion::connection {
namespace {

using Course = RelayedChannel::Course;

constexpr std::size_t kMaxPostponed = 8;

// Each line ends as a terminal in raw mode needs it.
std::string for_terminal(std::string_view text) {
  std::string lines;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.append(text.substr(0, end)).append("\r\n");
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

void Relay::say(std::string_view text, Audience audience) {
  bool heard = false;
  for (const auto number : channels_.numbers()) {
    auto& channel = *channels_.find(number);
    const bool listens = channel.is_session && (channel.confirmed_early || channel.is_open()) &&
                         (channel.course == Course::relayed || channel.course == Course::undecided);
    if (!listens || (audience == Audience::terminals && !channel.has_terminal)) continue;
    write_text(channel, text);
    heard = true;
  }
  if (!heard && audience == Audience::sessions && postponed_.size() < kMaxPostponed) postponed_.emplace_back(text);
}

void Relay::say_postponed() {
  for (const auto& text : std::exchange(postponed_, {})) say(text, Audience::sessions);
}

void Relay::write_text(RelayedChannel& channel, std::string_view text) {
  auto& user = channel.user;
  const auto lines = for_terminal(text);
  if (!user.closing.may_send() || !user.waiting.empty() || lines.size() > user.window) return;
  const std::size_t most = user.max_packet == 0 ? lines.size() : user.max_packet;
  if (most < lines.size() && most < ChannelEnd::kLeastPacket) return;
  for (auto rest = std::string_view(lines); !rest.empty(); rest.remove_prefix(std::min(most, rest.size()))) {
    user_.send(encode(ChannelExtendedData{*user.number, kStderr, bytes_of(rest.substr(0, most))}));
  }
  user.window -= static_cast<std::uint32_t>(lines.size());
  if (channel.is_forwarded) user.window_debt += static_cast<std::uint32_t>(lines.size());
}

}  // namespace bastion::connection
