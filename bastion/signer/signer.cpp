#include "bastion/signer/signer.h"

#include <tuple>
#include <utility>

#include "bastion/signer/packet.h"

namespace bastion::signer {

Result<std::unique_ptr<Signer>> Signer::start() {
  auto process = Companion::start(kVerb);
  if (!process) return std::unexpected(process.error());
  return std::unique_ptr<Signer>(new Signer(*std::move(process)));
}

Result<Holds> Signer::load(Start start, const std::vector<Urgency>& urgencies) {
  start.channels = static_cast<std::uint32_t>(urgencies.size());
  const auto gone = [](const Error& why) {
    return fail("the keys cannot be held by a process of their own: {}", why.text);
  };
  if (auto sent = send_packet(process_.control(), encode(start)); !sent) return gone(sent.error());
  for (const auto urgency : urgencies) {
    auto sockets = make_socket_pair();
    if (!sockets) return gone(sockets.error());
    if (auto sent = send_packet(process_.control(), encode(urgency), sockets->theirs.get()); !sent)
      return gone(sent.error());
    channels_.push_back(std::move(sockets->ours));
  }
  const auto answer = receive_packet(process_.control());
  if (!answer) return gone(answer.error());
  if (!*answer) return gone(Error{"it has ended"});
  return parse_holds((*answer)->message);
}

std::optional<std::string> Signer::said() {
  const auto packet = receive_packet(process_.control());
  if (!packet || !*packet) return std::nullopt;
  auto why_not = parse_agent_state((*packet)->message);
  return why_not ? std::optional(*std::move(why_not)) : std::nullopt;
}

void Signer::log_from(std::uint8_t level) { std::ignore = send_packet(process_.control(), encode_log_level(level)); }

std::unique_ptr<Channel> Signer::take_channel() { return std::make_unique<Channel>(std::move(channels_.at(taken_++))); }

}  // namespace bastion::signer
