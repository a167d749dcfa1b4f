#include "bastion/access/certificate.h"

#include <algorithm>
#include <ranges>
#include <utility>
#include <vector>

namespace bastion::access {
namespace {

// OpenSSH's addr_match_cidr_list: addresses and blocks of them, and nothing else.
Result<std::vector<FromPattern>> networks_in(std::string_view list) {
  std::vector<FromPattern> networks;
  for (const auto part : list | std::views::split(',')) {
    auto network = Network::parse(std::string_view(part.begin(), part.end()));
    if (!network) return fail("its option source-address: {}", network.error().text);
    networks.push_back({.network = *network, .wildcards = {}, .negated = false});
  }
  if (networks.empty()) return fail("its option source-address names no network");
  return networks;
}

}  // namespace

Result<Policy> policy_of(const transport::UserCertificate& certificate) {
  const bool forwards = certificate.has("permit-port-forwarding");
  Policy policy{.local_forwarding = forwards,
                .remote_forwarding = forwards,
                .streamlocal_forwarding = forwards,
                .agent_forwarding = certificate.has("permit-agent-forwarding"),
                .x11_forwarding = certificate.has("permit-X11-forwarding"),
                .pty = certificate.has("permit-pty"),
                .command = certificate.force_command};
  if (!certificate.source_address) return policy;
  auto networks = networks_in(*certificate.source_address);
  if (!networks) return std::unexpected(std::move(networks.error()));
  policy.from.push_back(*std::move(networks));
  return policy;
}

store::Revocations::Certificate revocable(const transport::UserCertificate& certificate) {
  return {.ca = certificate.ca.blob,
          .key = certificate.key.blob,
          .serial = certificate.serial,
          .key_id = certificate.key_id};
}

transport::UserCertificate imagined_certificate(const std::string& principal) {
  return {.principals = {principal},
          .valid_before = ~std::uint64_t{0},
          .extensions = {"permit-X11-forwarding", "permit-agent-forwarding", "permit-port-forwarding", "permit-pty"}};
}

}  // namespace bastion::access
