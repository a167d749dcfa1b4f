#include "bastion/access/readmission.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "bastion/access/certificate.h"
#include "bastion/access/principals.h"
#include "bastion/access/printed_admission.h"
#include "bastion/base/match.h"
#include "bastion/base/user_name.h"

namespace bastion::access {
namespace {

std::unexpected<End> refused(Reason reason, std::string detail = {}) {
  return std::unexpected(End{reason, {}, std::move(detail)});
}

// Why nothing is enrolled any more that was.
std::unexpected<End> what_became_of(store::Users& users, const Identity& who, Reason otherwise) {
  const auto user = users.find(who.name);
  if (!user) return refused(Reason::internal, user.error().text);
  if (!*user || (*user)->id != who.user) return refused(Reason::user_removed);
  return refused((*user)->disabled_at ? Reason::user_disabled : otherwise);
}

std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const KeyCredential& key,
                                        const Circumstances& there, const Defaults& defaults) {
  if (key.printed) {
    const auto user = still_there(records.users, who);
    if (!user) return std::unexpected(user.error());
    return admission(records.revocations, *user, key.printed, there, defaults);
  }
  const auto enrolled = records.keys.enrolled(who.user, key.key);
  if (!enrolled) return refused(Reason::internal, enrolled.error().text);
  if (!*enrolled) return what_became_of(records.users, who, Reason::key_removed);
  return admission(**enrolled, there, defaults);
}

std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const CertificateCredential& shown,
                                        const Circumstances& there, const Defaults& defaults) {
  if (shown.printed) {
    const auto user = still_there(records.users, who);
    if (!user) return std::unexpected(user.error());
    return admission(records.revocations, *user, shown.printed, *shown.certificate, there, defaults);
  }
  const auto certified = certified_in(records, who.name, *shown.certificate);
  if (!certified) return refused(Reason::internal, certified.error().text);
  if (!*certified || (*certified)->user.id != who.user) {
    return what_became_of(records.users, who, Reason::certificate_refused);
  }
  return admission(**certified, *shown.certificate, there, defaults);
}

std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const PasswordCredential& shown,
                                        const std::optional<Identity>& before, const Circumstances& there,
                                        const Defaults& defaults) {
  const auto user = still_there(records.users, who);
  if (!user) return std::unexpected(user.error());
  const auto password = records.passwords.of_user(who.user);
  if (!password) return refused(Reason::internal, password.error().text);
  if (!*password || (*password)->id != shown.password) return refused(Reason::password_changed);
  return admission(*user, **password, before, there, defaults);
}

// What is said of a key counts for what was typed beside it.
std::vector<Credential> keys_first(const std::vector<Credential>& all) {
  const auto is_key = [](const Credential& one) { return !is_typed(factor_of(one)); };
  std::vector<Credential> sorted;
  std::ranges::copy_if(all, std::back_inserter(sorted), is_key);
  std::ranges::copy_if(all, std::back_inserter(sorted), std::not_fn(is_key));
  return sorted;
}

// Of a code there is nothing to ask but whether it is still what the user has.
std::expected<void, End> still_enrolled(const Records& records, const Identity& who, const CodeCredential& code) {
  const auto there = records.second_factors.of_user(who.user);
  if (!there) return refused(Reason::internal, there.error().text);
  if (!*there || (*there)->id != code.enrolment) return refused(Reason::second_factor_reset);
  return {};
}

// Nor of a sign-on, but whether it was forgotten, and is not too long ago.
std::expected<void, End> still_signed_on(const Records& records, const Identity& who, const SignOnCredential& sign_on,
                                         const Circumstances& there, const Defaults& defaults) {
  const auto row = records.sign_ons.find(sign_on.sign_on);
  if (!row) return refused(Reason::internal, row.error().text);
  if (!*row || (*row)->user != who.user) {
    return what_became_of(records.users, who, Reason::sign_on_forgotten);
  }
  const auto& issuer = defaults.sign_ons.issuer;
  if (!issuer.empty() && (*row)->issuer != issuer) {
    return refused(Reason::sign_on_forgotten, fmt::format("it was at the issuer {}", (*row)->issuer));
  }
  const auto until = good_until(sign_on, defaults);
  if (until && *until <= there.now) return refused(Reason::sign_on_expired);
  return {};
}

// Of somebody who has shown nothing else.
std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const SignOnCredential& sign_on,
                                        const Circumstances& there, const Defaults& defaults) {
  const auto user = still_there(records.users, who);
  if (!user) return std::unexpected(user.error());
  return admission(*user, sign_on, there, defaults);
}

}  // namespace

Result<std::optional<Certified>> certified_in(const Records& records, std::string_view user,
                                              const transport::UserCertificate& certificate) {
  auto ca = records.cas.with_key(certificate.ca.blob);
  if (!ca) return std::unexpected(std::move(ca.error()));
  auto own = records.keys.enrolled(user, certificate.ca.blob);
  if (!own) return std::unexpected(std::move(own.error()));
  if (!*ca && !*own) return std::nullopt;
  auto found = records.users.find(user);
  if (!found) return std::unexpected(std::move(found.error()));
  const auto revoked = records.revocations.is_revoked(revocable(certificate));
  if (!revoked) return std::unexpected(revoked.error());
  if (!*found) return std::nullopt;
  return Certified{.user = **std::move(found), .ca = *std::move(ca), .own = *std::move(own), .is_revoked = *revoked};
}

Result<std::optional<Identity>> newcomer_in(const Records& records, const std::string& name,
                                            const transport::UserCertificate& certificate, const Circumstances& there,
                                            const Defaults& defaults) {
  const auto ca = records.cas.with_key(certificate.ca.blob);
  if (!ca) return std::unexpected(ca.error());
  const auto rules = *ca ? parse_principals((*ca)->principals) : fail("nobody trusts it");
  if (!rules || !creates_accounts(*rules) || !is_user_name(name)) return std::nullopt;
  const auto user = records.users.find(name);
  if (!user) return std::unexpected(user.error());
  const auto revoked = records.revocations.is_revoked(revocable(certificate));
  if (!revoked) return std::unexpected(revoked.error());
  if (*user || *revoked) return std::nullopt;
  store::User account;
  account.name = name;
  auto in = admission({.user = std::move(account), .ca = *ca}, certificate, there, defaults);
  if (!in || !suffices(*in)) return std::nullopt;
  return *std::move(in);
}

std::expected<Identity, End> readmission(const Records& records, const Identity& who, const Circumstances& there,
                                         const Defaults& defaults) {
  std::optional<Identity> all;
  std::vector<CodeCredential> codes;
  std::optional<SignOnCredential> sign_on;
  const auto take = [&](std::expected<Identity, End> now) -> std::expected<void, End> {
    if (!now) return std::unexpected(std::move(now.error()));
    all = all ? together(*all, *std::move(now)) : *std::move(now);
    return {};
  };
  for (const auto& credential : keys_first(shown_by(who))) {
    const auto taken =
        std::visit(Match{[&](const CodeCredential& code) {
                           codes.push_back(code);
                           return still_enrolled(records, who, code);
                         },
                         [&](const SignOnCredential& one) {
                           sign_on = one;
                           return still_signed_on(records, who, one, there, defaults);
                         },
                         [&](const PasswordCredential& shown) {
                           return take(readmitted(records, who, shown, all, there, defaults));
                         },
                         [&](const auto& shown) { return take(readmitted(records, who, shown, there, defaults)); }},
                   credential);
    if (!taken) return std::unexpected(taken.error());
  }
  if (!all && sign_on) {
    auto now = readmitted(records, who, *sign_on, there, defaults);
    if (!now) return now;
    all = *std::move(now);
    sign_on.reset();
  }
  if (!all) return refused(Reason::internal, "a code alone lets nobody in");
  for (auto& code : codes) all = together(*std::move(all), std::move(code));
  if (sign_on) all = together(*std::move(all), *sign_on, good_until(*sign_on, defaults));
  if (!suffices(*all)) return refused(Reason::more_is_needed, fmt::format("the account needs {}", text_of(all->needs)));
  return *std::move(all);
}

}  // namespace bastion::access
