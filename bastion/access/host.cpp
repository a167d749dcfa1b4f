#include "bastion/access/host.h"

#include <algorithm>
#include <array>

#include "bastion/base/endpoint.h"
#include "bastion/base/network.h"

namespace bastion::access {
namespace {

bool is_in(std::string_view host, auto&& blocks) {
  const auto address = address_of(host);
  return address && std::ranges::any_of(blocks, [&](std::string_view block) {
           return Network::parse(block).value().contains(*address);
         });
}

}  // namespace

std::string comparable_host(std::string_view host) {
  if (!host.contains('%')) {
    if (const auto address = address_of(host)) return text_of(*address);
  }
  return canonical_host(host);
}

bool is_loopback(std::string_view host) {
  constexpr std::array<std::string_view, 4> kBlocks{"127.0.0.0/8", "::1", "0.0.0.0", "::"};
  return host == "localhost" || is_in(host, kBlocks);
}

bool is_link_local(std::string_view host) {
  constexpr std::array<std::string_view, 2> kBlocks{"169.254.0.0/16", "fe80::/10"};
  return is_in(host, kBlocks);
}

}  // namespace bastion::access
