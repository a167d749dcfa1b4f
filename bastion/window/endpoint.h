// The window: what a browser shows of the bastion, through a forward of the user's. Whoever has a role gives the
// commands of the table there, others those of `me`.
#pragma once

#include <memory>
#include <string>

#include "bastion/admin/site.h"
#include "bastion/session/window_endpoint.h"
#include "bastion/window/answers.h"
#include "bastion/window/limits.h"

namespace bastion::window {

class Endpoint final : public session::WindowEndpoint {
 public:
  // `site` outlives it.
  explicit Endpoint(const admin::Site& site);
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  [[nodiscard]] std::unique_ptr<Conversation> open(session::AdminEndpoint::Client client, std::string asked,
                                                   connection::ChannelOffer offer, Events events) override;

 private:
  const admin::Site& site_;
  Place place_;
  Limits limits_;
};

}  // namespace bastion::window
