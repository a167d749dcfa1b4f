#include "bastion/auth/methods.h"

#include <algorithm>
#include <array>
#include <utility>

#include "bastion/transport/keyboard_interactive.h"

namespace bastion::auth {
namespace {

std::optional<Claim> claim_key(std::string_view method, Bytes fields) {
  auto claim = claimed_key(method, fields);
  if (!claim) return std::nullopt;
  return std::visit([](auto& one) { return Claim(std::move(one)); }, *claim);
}

std::optional<Claim> claim_to_answer(std::string_view /*method*/, Bytes fields) {
  return transport::is_interactive_request(fields) ? std::optional<Claim>(InteractiveClaim{}) : std::nullopt;
}

std::optional<Claim> claim_password(std::string_view /*method*/, Bytes fields) {
  auto claim = claimed_password(fields);
  return claim ? std::optional<Claim>(*std::move(claim)) : std::nullopt;
}

constexpr std::array<Method, 4> kMethods{{
    {kPublickey, true, claim_key},
    {kPublickeyHostbound, false, claim_key},
    {kKeyboardInteractive, true, claim_to_answer},
    {kPassword, true, claim_password},
}};

// A method by which something is proven.
struct Proving {
  Factor factor;
  std::string_view method;
};
constexpr std::array<Proving, 6> kProving{{
    {Factor::publickey, kPublickey},
    {Factor::certificate, kPublickey},
    {Factor::password, kPassword},
    {Factor::password, kKeyboardInteractive},
    {Factor::totp, kKeyboardInteractive},
    {Factor::oidc, kKeyboardInteractive},
}};

}  // namespace

std::span<const Method> methods() { return kMethods; }

const Method* find_method(std::string_view name) {
  const auto* const found = std::ranges::find(kMethods, name, &Method::name);
  return found == kMethods.end() ? nullptr : found;
}

std::string offered_methods() {
  std::string names;
  for (const auto& method : kMethods) {
    if (method.is_offered) names += (names.empty() ? "" : ",") + std::string(method.name);
  }
  return names;
}

std::string methods_for(std::span<const Factor> factors) {
  std::string names;
  for (const auto& method : kMethods) {
    const bool proves = std::ranges::any_of(kProving, [&](const Proving& one) {
      return one.method == method.name && std::ranges::find(factors, one.factor) != factors.end();
    });
    if (method.is_offered && proves) names += (names.empty() ? "" : ",") + std::string(method.name);
  }
  return names;
}

}  // namespace bastion::auth
