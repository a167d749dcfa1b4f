// Whom a connection is from that a load balancer has passed on: the PROXY protocol, versions 1 and 2, as HAProxy's
// doc/proxy-protocol.txt has it. Only networks that were named may say so, and they have to.
#pragma once

#include <vector>

#include "bastion/base/network.h"
#include "bastion/server/accept_stage.h"

namespace bastion::server {

// What the first bytes of a connection from `peer` say. A header for a connection of the balancer's own (LOCAL,
// UNKNOWN) leaves it one from `peer`. Pure.
[[nodiscard]] AcceptStage::Verdict read_proxy_header(const Endpoint& peer, Bytes first);

class ProxyHeader final : public AcceptStage {
 public:
  explicit ProxyHeader(std::vector<Network> balancers) : balancers_(std::move(balancers)) {}

  // Counts for connections that come from now on.
  void trust(std::vector<Network> balancers) { balancers_ = std::move(balancers); }

  // Whoever is none of them passes as who it is, and nothing is read from it here: a header from there is no version
  // line of SSH.
  [[nodiscard]] Verdict look(const Endpoint& peer, Bytes first) override;

 private:
  std::vector<Network> balancers_;
};

}  // namespace bastion::server
