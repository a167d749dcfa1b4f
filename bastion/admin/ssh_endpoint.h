// The administrators' endpoint over SSH: which kind of session one is.
#pragma once

#include <memory>
#include <string>

#include "bastion/admin/site.h"
#include "bastion/session/admin_endpoint.h"

namespace bastion::admin {

class SshEndpoint final : public session::AdminEndpoint {
 public:
  // `site` outlives it.
  explicit SshEndpoint(const Site& site) : site_(site) {}
  SshEndpoint(const SshEndpoint&) = delete;
  SshEndpoint& operator=(const SshEndpoint&) = delete;

  [[nodiscard]] std::unique_ptr<Session> open(Client client, std::unique_ptr<connection::LocalSession> session,
                                              std::string words, std::function<void()> on_over) override;

 private:
  const Site& site_;
};

}  // namespace bastion::admin
