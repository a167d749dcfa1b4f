#include "bastion/access/identity.h"

#include <algorithm>
#include <utility>

#include "bastion/access/admission.h"

namespace bastion::access {

std::vector<Credential> shown_by(const Identity& who) {
  auto all = who.before;
  all.push_back(who.credential);
  return all;
}

std::vector<Factor> proven_by(const Identity& who) {
  std::vector<Factor> factors;
  for (const auto& credential : shown_by(who)) factors.push_back(factor_of(credential));
  return factors;
}

bool suffices(const Identity& who) { return progress(who.needs, proven_by(who)).is_done; }

bool brings_further(const std::optional<Identity>& before, const Identity& now) {
  const auto factor = factor_of(now.credential);
  if (!before) return helps(now.needs, {}, factor);
  const auto shown = shown_by(*before);
  const bool is_known =
      std::ranges::any_of(shown, [&](const Credential& one) { return name_of(one) == name_of(now.credential); });
  return !is_known && helps(now.needs, proven_by(*before), factor);
}

Identity together(const Identity& before, Identity now) {
  now.before = before.before;
  const bool is_password = std::holds_alternative<PasswordCredential>(now.credential);
  now.before.push_back(is_password ? std::exchange(now.credential, before.credential) : before.credential);
  now.policy = both(before.policy, now.policy);
  now.until = earlier(before.until, now.until);
  return now;
}

Identity together(Identity before, CodeCredential code) {
  before.before.emplace_back(std::move(code));
  return before;
}

Identity together(Identity before, SignOnCredential sign_on, std::optional<std::int64_t> until) {
  before.before.emplace_back(std::move(sign_on));
  before.until = earlier(before.until, until);
  return before;
}

bool needs_sign_on(const Identity& so_far) { return helps(so_far.needs, proven_by(so_far), Factor::oidc); }

std::vector<std::string> keys_shown_by(const Identity& who) {
  std::vector<std::string> keys;
  for (const auto& credential : shown_by(who)) {
    if (std::holds_alternative<KeyCredential>(credential) ||
        std::holds_alternative<CertificateCredential>(credential)) {
      keys.push_back(name_of(credential));
    }
  }
  return keys;
}

bool needs_code(const std::optional<Identity>& so_far) {
  return so_far && helps(so_far->needs, proven_by(*so_far), Factor::totp);
}

bool needs_password(const std::optional<Identity>& so_far) {
  return so_far && helps(so_far->needs, proven_by(*so_far), Factor::password);
}

}  // namespace bastion::access
