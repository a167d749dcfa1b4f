// Where the window is served: pages that a user's browser reads through a forward of theirs (`ssh -L
// 8080:bastion:80`). A user's connection knows no HTTP: whoever does (bastion/window) is handed down to it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "bastion/connection/offer.h"
#include "bastion/session/admin_endpoint.h"

namespace bastion::session {

class WindowEndpoint {
 public:
  // A connection of a browser in service. Destroying it closes its channel.
  class Conversation {
   public:
    virtual ~Conversation() = default;
    virtual void start() = 0;
  };

  // Who hears of a conversation, from inside a call of the loop or of the channel.
  struct Events {
    std::function<void()> on_used;  // somebody has asked for something; what a page does by itself is no use
    std::function<void()> on_over;  // once, after start(): defer_delete() the conversation then
  };

  // Called from any worker's thread, for its own sessions. `asked` is what the window was asked for by, `bastion:80`.
  // The offer is answered: accepted, and its channel counted apart, or refused where the user has too many, and then
  // nothing comes back.
  [[nodiscard]] virtual std::unique_ptr<Conversation> open(AdminEndpoint::Client client, std::string asked,
                                                           connection::ChannelOffer offer, Events events) = 0;

 protected:
  ~WindowEndpoint() = default;
};

}  // namespace bastion::session
