// What the user opens that leads to the bastion itself: to its commands, and to the window.
#include <utility>

#include "bastion/base/log.h"
#include "bastion/connection/refusal.h"
#include "bastion/loop/loop.h"
#include "bastion/session/errand.h"
#include "bastion/session/session.h"

namespace bastion::session {
namespace {

using connection::Refuse;
using connection::SessionStart;
using Door = AdminEndpoint::Door;

}  // namespace

// A key that is bound to a command opens no door. Which commands somebody may give is asked there.
bool Session::has_own_door() const { return !identity_.policy.command; }

bool Session::may_administrate() const { return identity_.role != store::Role::user && has_own_door(); }

Refuse Session::refuse_admin() {
  observe(&Observer::on_refused_admin, identity_);
  return refuse("admin", "this is for administrators");
}

bool Session::lead_to_endpoint(connection::SessionOffer& offer) {
  if (!has_own_door()) return false;
  if (auto errand = errand_of(offer.start())) {
    turn_back();
    if (errand->door == Door::own || may_administrate()) {
      enter_endpoint(offer, errand->door, std::move(errand->words));
    } else {
      offer.refuse(refuse_admin().why, connection::kRefusedExitStatus);
    }
    return true;
  }
  if (!may_administrate() || offer.start().kind != SessionStart::Kind::shell || route_) return false;
  const auto why = lacks_container();
  if (!why || why->reason != Reason::no_container) return false;
  enter_endpoint(offer, Door::admin, {});
  return true;
}

void Session::enter_endpoint(connection::SessionOffer& offer, Door door, std::string words) {
  const auto place = admin_sessions_.emplace(admin_sessions_.end());
  *place = place_.admin_endpoint.open({place_.credentials.loop, identity_, arrival_, door},
                                      offer.serve(connection::LocalChannel::kWindow), std::move(words), [this, place] {
                                        place_.credentials.loop.defer_delete(std::move(*place));
                                        admin_sessions_.erase(place);
                                      });
  (*place)->start();
}

// Names are compared, never looked up: an address is no window, whatever it is called.
bool Session::is_for_window(const Endpoint& wanted) const {
  const auto& window = place_.settings.window;
  return place_.window != nullptr && window && wanted.port == window->port &&
         canonical_host(wanted.host) == canonical_host(window->host);
}

void Session::open_window(connection::ChannelOffer offer) {
  auto asked = *std::exchange(offered_window_, std::nullopt);
  if (!std::exchange(has_looked_, true)) log::info("window opened id={} user={}", arrival_.id, identity_.name);
  const auto place = windows_.emplace(windows_.end());
  WindowEndpoint::Events events{.on_used = [this] { note_use_of_window(); },
                                .on_over =
                                    [this, place] {
                                      if (*place) place_.credentials.loop.defer_delete(std::move(*place));
                                      windows_.erase(place);
                                    }};
  AdminEndpoint::Client client{place_.credentials.loop, identity_, arrival_, Door::admin};
  if (!may_administrate()) client.door = Door::own;
  *place = place_.window->open(std::move(client), std::move(asked), std::move(offer), std::move(events));
  *place ? (*place)->start() : static_cast<void>(windows_.erase(place));
}

}  // namespace bastion::session
