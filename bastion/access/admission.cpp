#include "bastion/access/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>

#include "bastion/access/ca_roles.h"
#include "bastion/access/certificate.h"
#include "bastion/access/principals.h"
#include "bastion/access/printed_admission.h"
#include "bastion/base/match.h"
#include "bastion/base/user_name.h"
#include "bastion/transport/keys.h"
#include "store/containers.h"
#include "store/users.h"

namespace bastion::access {
namespace {

std::unexpected<End> no(Reason reason, std::string detail = {}) {
  return std::unexpected(End{reason, {}, std::move(detail)});
}

// What the user and the key together allow.
Result<KeyOptions> options_of(const store::EnrolledKey& enrolled) {
  auto user = parse_policy(enrolled.user_options);
  if (!user) return std::unexpected(user.error());
  auto key = parse_key_options(enrolled.key_options);
  if (!key) return key;
  key->policy = both(*user, key->policy);
  return key;
}

std::chrono::seconds limit(std::optional<std::int64_t> of_the_user, std::chrono::seconds of_everybody) {
  return of_the_user ? std::chrono::seconds{*of_the_user} : of_everybody;
}

// What the account needs; the error is that an expression cannot be read, which another release has written.
Result<Requirement> needs_of(const store::EnrolledKey& enrolled, const Defaults& defaults) {
  return enrolled.auth.empty() ? defaults.needs_of(enrolled.role) : parse_requirement(enrolled.auth);
}

// Why nothing is enrolled any more that was.
std::unexpected<End> what_became_of(store::Users& users, const Identity& who, Reason otherwise) {
  const auto user = users.find(who.name);
  if (!user) return no(Reason::internal, user.error().text);
  if (!*user || (*user)->id != who.user) return no(Reason::user_removed);
  return no((*user)->disabled_at ? Reason::user_disabled : otherwise);
}

// What is asked in the same way whatever was shown. `enrolled` has what is said of the user.
std::expected<Identity, End> admit(const store::EnrolledKey& enrolled, Credential credential, Policy policy,
                                   std::optional<std::int64_t> expires_at, const Circumstances& there,
                                   const Defaults& defaults) {
  if (policy.expires_at && *policy.expires_at <= there.now) {
    return no(Reason::key_expired, "its expiry-time is over");
  }
  if (there.from_host && !policy.permits_from(*there.from_host)) {
    return no(Reason::source_refused, fmt::format("it is not accepted from {}", *there.from_host));
  }
  auto needs = needs_of(enrolled, defaults);
  if (!needs) return no(Reason::internal, fmt::format("what the user needs cannot be read: {}", needs.error().text));
  const auto& limits = defaults.limits;
  const auto until = earlier(expires_at, policy.expires_at);
  return Identity{
      .user = enrolled.user,
      .name = enrolled.user_name,
      .credential = std::move(credential),
      .before = {},
      .needs = *std::move(needs),
      .role = enrolled.role,
      .policy = std::move(policy),
      .limits = {.idle = limit(enrolled.idle_timeout, limits.idle), .total = limit(enrolled.max_session, limits.total)},
      .caps = enrolled.caps,
      .until = until};
}

// As sshd: two commands cannot both stand in the place of what was asked for.
bool commands_differ(const Policy& user, const Policy& certificate) {
  return user.command && certificate.command && *user.command != *certificate.command;
}

// What the user, or the user and the CA's line, and the certificate together allow.
Result<Policy> both(const Policy& of_user, const transport::UserCertificate& certificate) {
  auto of_certificate = access::policy_of(certificate);
  if (!of_certificate) return of_certificate;
  if (commands_differ(of_user, *of_certificate)) return fail("its command is another one than the user's");
  return both(of_user, *of_certificate);
}

// A certificate that a principal of it lets in.
std::expected<Identity, End> admit(const store::EnrolledKey& enrolled, const transport::UserCertificate& certificate,
                                   const Policy& of_user, std::string ca, const Circumstances& there,
                                   const Defaults& defaults) {
  if (auto why = transport::objection_to_time(certificate, there.now)) {
    return no(Reason::certificate_expired, std::move(why->text));
  }
  auto policy = both(of_user, certificate);
  if (!policy) return no(Reason::certificate_refused, policy.error().text);
  auto fingerprint = transport::fingerprint(certificate.key.blob);
  auto kept = std::make_shared<transport::UserCertificate>(certificate);
  kept->blob = {};  // of no more use once it is verified
  CertificateCredential shown{
      .certificate = std::move(kept), .ca = std::move(ca), .fingerprint = std::move(fingerprint), .key = enrolled.key};
  return admit(enrolled, std::move(shown), *std::move(policy),
               earlier(certificate.expires_at(), enrolled.key_expires_at), there, defaults);
}

std::unexpected<End> no_principal(const std::string& user) {
  return no(Reason::certificate_refused, fmt::format("no principal of it lets {} in", user));
}

// By a CA that is trusted for everybody.
std::expected<Identity, End> admit(const store::User& user, const store::Ca& ca,
                                   const transport::UserCertificate& certificate, const Circumstances& there,
                                   const Defaults& defaults) {
  const auto rules = parse_principals(ca.principals);
  if (!rules) return no(Reason::internal, rules.error().text);
  if (!principal_for(user.name, *rules, certificate.principals)) return no_principal(user.name);
  if (!admits(ca, user.role)) {
    return no(Reason::certificate_refused, fmt::format("CA {} lets in accounts with the role {}, and {} is {}", ca.name,
                                                       ca.roles, user.name, store::text_of(user.role)));
  }
  const auto of_user = parse_policy(user.options);
  if (!of_user) {
    return no(Reason::internal, fmt::format("the user's options cannot be read: {}", of_user.error().text));
  }
  return admit(store::enrolled_key(user, {}), certificate, *of_user, ca.name, there, defaults);
}

// By one that is trusted for this user alone. What names no principal is for nobody.
std::expected<Identity, End> admit(const store::EnrolledKey& own, const transport::UserCertificate& certificate,
                                   const Circumstances& there, const Defaults& defaults) {
  const auto options = options_of(own);
  if (!options) return no(Reason::internal, fmt::format("its options cannot be read: {}", options.error().text));
  if (!options->is_ca) return no(Reason::certificate_refused, "its CA is a key of the user, without cert-authority");
  if (own.key_expires_at && *own.key_expires_at <= there.now) {
    return no(Reason::key_expired, "its CA is trusted no longer");
  }
  const auto lets_in = [&](const std::string& principal) {
    if (options->principals.empty()) return principal == own.user_name;
    return std::ranges::find(options->principals, principal) != options->principals.end();
  };
  if (std::ranges::none_of(certificate.principals, lets_in)) return no_principal(own.user_name);
  return admit(own, certificate, options->policy, own.fingerprint, there, defaults);
}

std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const KeyCredential& key,
                                        const Circumstances& there, const Defaults& defaults) {
  if (key.printed) {
    const auto user = still_there(records.users, who);
    if (!user) return std::unexpected(user.error());
    return admission(records.revocations, *user, key.printed, there, defaults);
  }
  const auto enrolled = records.keys.enrolled(who.user, key.key);
  if (!enrolled) return no(Reason::internal, enrolled.error().text);
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
  if (!certified) return no(Reason::internal, certified.error().text);
  if (!*certified || (*certified)->user.id != who.user) {
    return what_became_of(records.users, who, Reason::certificate_refused);
  }
  return admission(**certified, *shown.certificate, there, defaults);
}

std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const PasswordCredential& shown,
                                        const std::optional<Identity>& before, const Circumstances& there,
                                        const Defaults& defaults) {
  const auto user = records.users.find(who.name);
  if (!user) return no(Reason::internal, user.error().text);
  if (!*user || (*user)->id != who.user) return no(Reason::user_removed);
  const auto password = records.passwords.of_user(who.user);
  if (!password) return no(Reason::internal, password.error().text);
  if (!*password || (*password)->id != shown.password) return no(Reason::password_changed);
  return admission(**user, **password, before, there, defaults);
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
  if (!there) return no(Reason::internal, there.error().text);
  if (!*there || (*there)->id != code.enrolment) return no(Reason::second_factor_reset);
  return {};
}

// Nor of a sign-on, but whether it was forgotten, and is not too long ago.
std::expected<void, End> still_signed_on(const Records& records, const Identity& who, const SignOnCredential& sign_on,
                                         const Circumstances& there, const Defaults& defaults) {
  const auto row = records.sign_ons.find(sign_on.sign_on);
  if (!row) return no(Reason::internal, row.error().text);
  if (!*row || (*row)->user != who.user) {
    return what_became_of(records.users, who, Reason::sign_on_forgotten);
  }
  const auto& issuer = defaults.sign_ons.issuer;
  if (!issuer.empty() && (*row)->issuer != issuer) {
    return no(Reason::sign_on_forgotten, fmt::format("it was at the issuer {}", (*row)->issuer));
  }
  const auto until = good_until(sign_on, defaults);
  if (until && *until <= there.now) return no(Reason::sign_on_expired);
  return {};
}

// Of somebody who has shown nothing else.
std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const SignOnCredential& sign_on,
                                        const Circumstances& there, const Defaults& defaults) {
  const auto user = records.users.find(who.name);
  if (!user) return no(Reason::internal, user.error().text);
  if (!*user || (*user)->id != who.user) return no(Reason::user_removed);
  return admission(**user, sign_on, there, defaults);
}

}  // namespace

std::optional<std::int64_t> good_until(const SignOnCredential& sign_on, const Defaults& defaults) {
  const auto session = defaults.sign_ons.session.count();
  return session > 0 ? std::optional(sign_on.signed_at + session) : std::nullopt;
}

bool is_remembered(const store::SignOn& sign_on, std::int64_t now, const Defaults& defaults) {
  const auto& rules = defaults.sign_ons;
  return !rules.issuer.empty() && sign_on.issuer == rules.issuer && sign_on.signed_at + rules.remembered.count() > now;
}

std::expected<Identity, End> admission(const store::User& user, const SignOnCredential& sign_on,
                                       const Circumstances& there, const Defaults& defaults) {
  if (user.disabled_at) return no(Reason::user_disabled);
  auto policy = parse_policy(user.options);
  if (!policy) {
    return no(Reason::internal, fmt::format("the user's options cannot be read: {}", policy.error().text));
  }
  if (policy->verify_required) return no(Reason::more_is_needed, "verify-required, and a sign-on is no security key");
  if (policy->verify_required) return no(Reason::more_is_needed, "verify-required, and a sign-on is no security key");
  const auto until = good_until(sign_on, defaults);
  if (until && *until <= there.now) return no(Reason::sign_on_expired);
  return admit(store::enrolled_key(user, {}), sign_on, *std::move(policy), until, there, defaults);
}

std::expected<Identity, End> admission(const store::EnrolledKey& enrolled, const Circumstances& there,
                                       const Defaults& defaults) {
  if (enrolled.user_disabled_at) return no(Reason::user_disabled);
  if (enrolled.is_revoked) return no(Reason::credential_revoked, "it was revoked");
  if (enrolled.key_expires_at && *enrolled.key_expires_at <= there.now)
    return no(Reason::key_expired, "it has expired");
  auto options = options_of(enrolled);
  if (!options) return no(Reason::internal, fmt::format("its options cannot be read: {}", options.error().text));
  if (options->is_ca)
    return no(Reason::key_removed, "it is a CA: its certificates let in, and the key itself does not");
  return admit(enrolled, KeyCredential{.key = enrolled.key, .fingerprint = enrolled.fingerprint},
               std::move(options->policy), enrolled.key_expires_at, there, defaults);
}

std::expected<Identity, End> admission(const Certified& certified, const transport::UserCertificate& certificate,
                                       const Circumstances& there, const Defaults& defaults) {
  const auto& user = certified.user;
  if (user.disabled_at) return no(Reason::user_disabled);
  if (certified.is_revoked) return no(Reason::credential_revoked, "it was revoked");
  if (certified.own) {
    auto in = admit(*certified.own, certificate, there, defaults);
    if (in || !certified.ca) return in;
  }
  if (!certified.ca) return no(Reason::certificate_refused, "its CA is not trusted");
  return admit(user, *certified.ca, certificate, there, defaults);
}

// Where only a key that has asked for its PIN is taken, a password is none; beside such a key it is welcome.
std::expected<Identity, End> admission(const store::User& user, const store::Password& password,
                                       const std::optional<Identity>& before, const Circumstances& there,
                                       const Defaults& defaults) {
  if (user.disabled_at) return no(Reason::user_disabled);
  auto policy = parse_policy(user.options);
  if (!policy) return no(Reason::internal, fmt::format("the user's options cannot be read: {}", policy.error().text));
  const bool has_key = before && !std::holds_alternative<PasswordCredential>(before->credential);
  if (policy->verify_required && !has_key) {
    return no(Reason::more_is_needed, "verify-required, and a password is no security key");
  }
  return admit(store::enrolled_key(user, {}), PasswordCredential{.password = password.id}, *std::move(policy),
               std::nullopt, there, defaults);
}

std::optional<std::string> principal_of_ca(const store::EnrolledKey& enrolled) {
  const auto options = parse_key_options(enrolled.key_options);
  if (!options || !options->is_ca) return std::nullopt;
  return options->principals.empty() ? enrolled.user_name : options->principals.front();
}

Result<std::optional<Certified>> certified_in(const Records& records, std::string_view user,
                                              const transport::UserCertificate& certificate) {
  auto ca = records.cas.with_key(certificate.ca.blob);
  if (!ca) return std::unexpected(std::move(ca.error()));
  auto own = records.keys.enrolled(user, certificate.ca.blob);
  if (!own) return std::unexpected(std::move(own.error()));
  if (!*ca && !*own) return std::nullopt;
  auto found = records.users.find(user);
  if (!found) return std::unexpected(std::move(found.error()));
  const auto revoked = records.revocations.is_revoked({.ca = certificate.ca.blob,
                                                       .key = certificate.key.blob,
                                                       .serial = certificate.serial,
                                                       .key_id = certificate.key_id});
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
  const auto revoked = records.revocations.is_revoked({.ca = certificate.ca.blob,
                                                       .key = certificate.key.blob,
                                                       .serial = certificate.serial,
                                                       .key_id = certificate.key_id});
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
  if (!all) return no(Reason::internal, "a code alone lets nobody in");
  for (auto& code : codes) all = together(*std::move(all), std::move(code));
  if (sign_on) all = together(*std::move(all), *sign_on, good_until(*sign_on, defaults));
  if (!suffices(*all)) return no(Reason::more_is_needed, fmt::format("the account needs {}", text_of(all->needs)));
  return *std::move(all);
}

std::expected<std::optional<std::int64_t>, End> find_access(store::Containers& containers, const Identity& who,
                                                            std::int64_t container, const std::string& shown,
                                                            std::int64_t now) {
  const auto open = containers.still_open_to({who.user, who.name}, container, now);
  if (!open) return no(Reason::internal, open.error().text);
  if (*open && !(*open)->is_served) {
    return std::unexpected(End{Reason::backend_serves_others, (*open)->backend_name, {}});
  }
  if (*open) return (*open)->shared_until;

  const auto exists = containers.exists(container);
  if (!exists) return no(Reason::internal, exists.error().text);
  return std::unexpected(End{*exists ? Reason::container_unshared : Reason::container_removed, shown, {}});
}

}  // namespace bastion::access
