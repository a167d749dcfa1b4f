#include "bastion/access/policy.h"

#include <algorithm>

#include "bastion/access/host.h"
#include "bastion/base/wildcards.h"

namespace bastion::access {
namespace {

bool permits(const std::vector<std::vector<PermittedEnd>>& lists, std::uint16_t port, auto is_host) {
  return std::ranges::all_of(lists, [&](const std::vector<PermittedEnd>& list) {
    return std::ranges::any_of(list, [&](const PermittedEnd& end) {
      return (!end.port || *end.port == port) && (end.host == "*" || is_host(end.host));
    });
  });
}

// As OpenSSH: what a negated pattern excludes is out, wherever it stands; the rest must be named by another one.
bool permits(const std::vector<FromPattern>& list, const Address& address, std::string_view text) {
  bool permitted = false;
  for (const auto& pattern : list) {
    if (!(pattern.network ? pattern.network->contains(address) : matches_pattern(pattern.wildcards, text))) continue;
    if (pattern.negated) return false;
    permitted = true;
  }
  return permitted;
}

template <typename T>
void append(std::vector<T>& lists, const std::vector<T>& more) {
  lists.insert(lists.end(), more.begin(), more.end());
}

}  // namespace

bool Policy::permits_open(std::string_view host, std::uint16_t port) const {
  const auto asked = comparable_host(host);
  return permits(open, port, [&](const std::string& known) { return known == asked; });
}

bool Policy::permits_listen(std::string_view host, std::uint16_t port) const {
  const auto asked = comparable_host(host);
  return permits(listen, port, [&](const std::string& known) { return matches_pattern(known, asked); });
}

bool Policy::permits_from(std::string_view numeric_address) const {
  if (from.empty()) return true;
  const auto address = address_of(numeric_address);
  if (!address) return false;
  const auto text = text_of(*address);
  return std::ranges::all_of(from, [&](const auto& list) { return permits(list, *address, text); });
}

Policy both(const Policy& user, const Policy& key) {
  Policy policy{.local_forwarding = user.local_forwarding && key.local_forwarding,
                .remote_forwarding = user.remote_forwarding && key.remote_forwarding,
                .streamlocal_forwarding = user.streamlocal_forwarding && key.streamlocal_forwarding,
                .agent_forwarding = user.agent_forwarding && key.agent_forwarding,
                .x11_forwarding = user.x11_forwarding && key.x11_forwarding,
                .pty = user.pty && key.pty,
                .verify_required = user.verify_required || key.verify_required,
                .sftp = both(user.sftp, key.sftp),
                .command = key.command ? key.command : user.command,
                .expires_at = user.expires_at,
                .open = user.open,
                .listen = user.listen,
                .from = user.from};
  if (key.expires_at) policy.expires_at = std::min(policy.expires_at.value_or(*key.expires_at), *key.expires_at);
  append(policy.open, key.open);
  append(policy.listen, key.listen);
  append(policy.from, key.from);
  return policy;
}

}  // namespace bastion::access
