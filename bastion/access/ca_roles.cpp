#include "bastion/access/ca_roles.h"

#include <algorithm>
#include <ranges>
#include <set>

namespace bastion::access {
namespace {

Result<std::set<store::Role>> roles_in(std::string_view text) {
  std::set<store::Role> roles;
  for (const auto part : text | std::views::split(',')) {
    const std::string_view name{part.begin(), part.end()};
    const auto role = store::role_of(name);
    if (!role) return fail("there is no role \"{}\": it is user, auditor, operator or admin", name);
    roles.insert(*role);
  }
  if (roles.empty()) return fail("no role is named: it is user, auditor, operator or admin, with commas between them");
  return roles;
}

}  // namespace

Result<std::string> parse_ca_roles(std::string_view text) {
  const auto roles = roles_in(text);
  if (!roles) return std::unexpected(roles.error());
  std::string sorted;
  for (const auto role : *roles) {
    if (!sorted.empty()) sorted += ',';
    sorted += store::text_of(role);
  }
  return sorted;
}

bool admits(const store::Ca& ca, store::Role role) {
  if (ca.roles.empty()) return true;
  const auto roles = roles_in(ca.roles);
  return roles && roles->contains(role);
}

std::string shown_roles(const std::string& roles) { return roles.empty() ? "every" : roles; }

}  // namespace bastion::access
