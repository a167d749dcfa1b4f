// Hosts as forwards name them (RFC 4254 section 7.2): names and numeric addresses, from anybody. Pure.
#pragma once

#include <string>
#include <string_view>

namespace bastion::access {

// As canonical_host() has it (base/endpoint.h), and an address that is mapped into IPv6 as IPv4.
[[nodiscard]] std::string comparable_host(std::string_view host);

// Of a host in that form: whoever connects there meets themselves. The unspecified address too, as Linux has it.
[[nodiscard]] bool is_loopback(std::string_view host);
// RFC 3927, RFC 4291 section 2.5.6: it means another machine on each link.
[[nodiscard]] bool is_link_local(std::string_view host);

}  // namespace bastion::access
