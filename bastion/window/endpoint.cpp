#include "bastion/window/endpoint.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "bastion/base/log.h"
#include "bastion/window/conversation.h"

namespace bastion::window {
namespace {

constexpr std::string_view kTooMany = "bastion: too many connections to the window: close some of its pages";

std::string name_of(const admin::Site& site) {
  if (site.directory.fleet) return site.directory.fleet->node;
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? std::string(name.data()) : std::string("bastion");
}

}  // namespace

Endpoint::Endpoint(const admin::Site& site)
    : site_(site), place_{.bastion = name_of(site), .version = BASTION_VERSION} {}

std::unique_ptr<session::WindowEndpoint::Conversation> Endpoint::open(session::AdminEndpoint::Client client,
                                                                      std::string asked, connection::ChannelOffer offer,
                                                                      Events events) {
  auto seat = limits_.take(client.identity.user, Limits::Kind::conversation);
  if (!seat) {
    log::info("refused id={} user={} what=window why={:?}", client.arrival.id, client.identity.name, kTooMany);
    offer.refuse(connection::OpenFailureCode::resource_shortage, kTooMany);
    return nullptr;
  }
  return std::make_unique<BrowserConversation>(
      BrowserConversation::Surroundings{.site = site_, .place = place_, .limits = limits_, .asked = std::move(asked)},
      std::move(client), *std::move(seat), offer.accept(), std::move(events));
}

}  // namespace bastion::window
