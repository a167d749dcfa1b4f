#include "bastion/config/oidc.h"

#include <algorithm>
#include <string_view>

#include "bastion/base/name.h"

namespace bastion::config {
namespace {

bool is_shown(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<> check(const Oidc& oidc) {
  constexpr std::string_view kHttps = "https://";
  if (!oidc.issuer.starts_with(kHttps) || oidc.issuer.size() == kHttps.size() || !is_shown(oidc.issuer) ||
      oidc.issuer.find_first_of("?#\"\\@") != std::string::npos) {
    return fail(
        "must have as issuer an address like \"https://login.example.org\", as its discovery document names it");
  }
  if (oidc.client_id.empty() || !is_shown(oidc.client_id)) {
    return fail("must have as client_id the name under which the issuer knows this bastion");
  }
  for (const auto* const file : {&oidc.client_secret_file, &oidc.ca_file}) {
    if (!file->empty() && !file->is_absolute()) return fail("must have files by absolute paths");
  }
  if (!(" " + oidc.scopes + " ").contains(" openid ")) return fail("must have openid among its scopes");
  if (oidc.name_claim.empty()) return fail("must have as name_claim the claim that is the name of the account");
  for (const auto& [claimed, group] : oidc.groups) {
    if (!is_name(group)) return fail("must have as groups names of groups here: {}", kNameRule);
  }
  return {};
}

}  // namespace bastion::config
