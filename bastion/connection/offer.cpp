#include "bastion/connection/offer.h"

#include "bastion/connection/relay.h"

namespace bastion::connection {

std::unique_ptr<LocalChannel> ChannelOffer::accept() { return consume()->accept_channel(number()); }

void ChannelOffer::refuse(OpenFailureCode code, std::string_view why) {
  if (auto* const relay = consume()) relay->refuse_channel_offer(number(), code, why);
}

void SessionOffer::pass() { consume()->pass_session(number()); }

std::unique_ptr<LocalSession> SessionOffer::serve(std::uint32_t window) {
  auto* const relay = consume();
  auto stream = relay->serve_session(number(), window);
  return std::make_unique<LocalSession>(*relay, std::move(stream), std::move(start_));
}

void SessionOffer::refuse(const std::string& sentence, std::uint32_t status) {
  if (auto* const relay = consume()) relay->refuse_session(number(), sentence, status);
}

}  // namespace bastion::connection
