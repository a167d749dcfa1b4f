#include "bastion/probe/proofs.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/access/certificate.h"
#include "bastion/access/principals.h"
#include "bastion/base/clock.h"
#include "bastion/transport/keys.h"

namespace bastion::probe {
namespace {

std::string described(const store::Key& key) {
  return key.comment.empty() ? key.fingerprint : fmt::format("{} ({})", key.fingerprint, key.comment);
}

std::string options_text(const store::User& user, const store::Key& key, const access::Policy& policy,
                         const Explanation::Question& question) {
  std::string text;
  if (!user.options.empty()) text = "of the user: " + user.options;
  if (!key.options.empty()) text += (text.empty() ? "of the key: " : "; of the key: ") + key.options;
  if (text.empty()) return "none: everything is allowed";
  if (!policy.from.empty() && !question.from_host) text += "; not from everywhere: say from where";
  return text;
}

bool is_on_device(const store::Key& key) {
  const auto read = transport::public_key_from_blob(key.blob);
  return read && read->type.starts_with("sk-");
}

}  // namespace

std::vector<Factor> first_factors(const store::User& user, const access::Defaults& defaults) {
  const auto& otherwise = defaults.needs_of(user.role);
  const auto needs = user.auth.empty() ? otherwise : parse_requirement(user.auth).value_or(otherwise);
  return progress(needs, {}).next;
}

void Proofs::take(const store::Key& key) {
  if (is_enough() || (question_.fingerprint && key.fingerprint != *question_.fingerprint)) return;
  const auto enrolled = store::enrolled_key(user_, key);
  if (const auto principal = access::principal_of_ca(enrolled)) return take(key, enrolled, *principal);
  auto now = access::admission(enrolled, {question_.from_host, unix_now()}, defaults_);
  if (!now) return note(fmt::format("key {}: {}", key.fingerprint, now.error().detail));
  if (!access::brings_further(who_, *now)) return note(fmt::format("key {} is not enough", key.fingerprint));
  if (now->policy.verify_required && !is_on_device(key)) {
    return note(fmt::format("key {}: verify-required, and only a security key can ask for a PIN", key.fingerprint));
  }
  trail_.good("key", described(key));
  trail_.good("options", options_text(user_, key, now->policy, question_));
  who_ = who_ ? access::together(*who_, *std::move(now)) : *std::move(now);
}

void Proofs::take(const store::Ca& ca, bool is_revoked) {
  if (is_enough() || question_.fingerprint) return;
  const auto rules = access::parse_principals(ca.principals);
  const auto principal = rules ? access::wanted_principal(user_.name, *rules) : std::nullopt;
  if (!principal) return note(fmt::format("CA {} does not let them in", ca.name));
  auto now = access::admission({.user = user_, .ca = ca, .is_revoked = is_revoked},
                               access::imagined_certificate(*principal), {question_.from_host, unix_now()}, defaults_);
  if (!now) return note(fmt::format("a certificate of CA {}: {}", ca.name, now.error().detail));
  if (!access::brings_further(who_, *now)) return;
  trail_.good("certificate", fmt::format("not tried: one of CA {} for principal {}", ca.name, *principal));
  who_ = who_ ? access::together(*who_, *std::move(now)) : *std::move(now);
}

void Proofs::take(const store::Key& key, const store::EnrolledKey& enrolled, const std::string& principal) {
  auto now = access::admission({.user = user_, .own = enrolled, .is_revoked = key.is_revoked},
                               access::imagined_certificate(principal), {question_.from_host, unix_now()}, defaults_);
  if (!now) return note(fmt::format("a certificate of CA {}: {}", key.fingerprint, now.error().detail));
  if (!access::brings_further(who_, *now)) return note(fmt::format("CA {} is not enough", key.fingerprint));
  trail_.good("certificate", fmt::format("not tried: one of CA {} for principal {}", described(key), principal));
  trail_.good("options", options_text(user_, key, now->policy, question_));
  who_ = who_ ? access::together(*who_, *std::move(now)) : *std::move(now);
}

void Proofs::take(const std::optional<store::Password>& password) {
  if (is_enough() || (question_.fingerprint && !who_) || !wants_password()) return;
  if (!password) {
    is_not_enrolled_ = true;
    return note(
        fmt::format("it needs {}, and no password is set: `password set {}` sets one", needs_of_user(), user_.name));
  }
  auto now = access::admission(user_, *password, who_, {question_.from_host, unix_now()}, defaults_);
  if (!now) return note(fmt::format("password: {}", now.error().detail));
  trail_.good("password", fmt::format("not tried: it is set{}",
                                      password->must_change ? ", and has to be changed at the first login" : ""));
  who_ = who_ ? access::together(*who_, *std::move(now)) : *std::move(now);
}

void Proofs::take(const std::optional<store::Enrolment>& codes, std::int64_t recovery_codes_left) {
  if (is_enough() || !access::needs_code(who_)) return;
  if (!codes) {
    is_not_enrolled_ = true;
    return note(fmt::format("it needs {}, and has no one-time codes: `totp enroll {}` sets them up",
                            text_of(who_->needs), user_.name));
  }
  trail_.good("one-time code",
              fmt::format("not tried: the user has set them up, and {} recovery codes are left", recovery_codes_left));
  who_ = access::together(*std::move(who_), access::CodeCredential{.enrolment = codes->id});
}

void Proofs::take_sign_on(const std::vector<store::SignOn>& before) {
  if (is_enough()) return;
  const auto& rules = defaults_.sign_ons;
  if (who_ ? !access::needs_sign_on(*who_) : !needs_sign_on_first()) return;
  if (rules.issuer.empty()) {
    is_not_enrolled_ = true;
    return note(fmt::format("it needs oidc, and the bastion knows no issuer (oidc in bastion.toml)"));
  }
  if (who_ && is_remembered(before)) return;
  const access::SignOnCredential sign_on{.sign_on = 0, .signed_at = unix_now()};
  auto now = who_ ? access::together(*who_, sign_on, access::good_until(sign_on, defaults_))
                  : access::admission(user_, sign_on, {question_.from_host, unix_now()}, defaults_);
  if (!now) return note(fmt::format("a sign-on: {}", now.error().detail));
  trail_.good("sign-on", fmt::format("not tried: at {}", rules.issuer));
  who_ = *std::move(now);
}

std::vector<Factor> Proofs::missing() const {
  return who_ ? progress(who_->needs, access::proven_by(*who_)).next : first_factors(user_, defaults_);
}

Result<access::Identity> Proofs::outcome() && {
  if (is_enough()) return *std::move(who_);
  if (who_ && !is_not_enrolled_) {
    note(fmt::format("it needs {}, and one {} more is missing", text_of(who_->needs), text_of(missing().front())));
  }
  if (!why_.empty()) return std::unexpected(Error{std::move(why_)});
  if (question_.fingerprint) return fail("user {} has no key {}", user_.name, *question_.fingerprint);
  return fail("user {} has no key", user_.name);
}

bool Proofs::wants_password() const {
  const auto next = missing();
  return std::ranges::find(next, Factor::password) != next.end();
}

std::string Proofs::needs_of_user() const {
  if (!user_.auth.empty()) return user_.auth;
  return text_of(defaults_.needs_of(user_.role));
}

bool Proofs::needs_sign_on_first() const {
  if (question_.fingerprint) return false;
  const auto next = first_factors(user_, defaults_);
  return std::ranges::find(next, Factor::oidc) != next.end();
}

bool Proofs::is_remembered(const std::vector<store::SignOn>& before) {
  for (const auto& key : access::keys_shown_by(*who_)) {
    const auto row = std::ranges::find(before, key, &store::SignOn::key);
    if (row == before.end() || !access::is_remembered(*row, unix_now(), defaults_)) continue;
    const access::SignOnCredential sign_on{.sign_on = row->id, .signed_at = row->signed_at};
    trail_.good("sign-on", fmt::format("remembered for key {}", key));
    who_ = access::together(*std::move(who_), sign_on, access::good_until(sign_on, defaults_));
    return true;
  }
  return false;
}

}  // namespace bastion::probe
