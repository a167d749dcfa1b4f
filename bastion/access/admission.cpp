#include "bastion/access/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "bastion/access/ca_roles.h"
#include "bastion/access/certificate.h"
#include "bastion/access/policy_options.h"
#include "bastion/access/principals.h"
#include "bastion/transport/keys.h"
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

// What is said of the user alone.
std::expected<Policy, End> policy_of_user(const store::User& user) {
  auto policy = parse_policy(user.options);
  if (!policy) return no(Reason::internal, fmt::format("the user's options cannot be read: {}", policy.error().text));
  return *std::move(policy);
}

std::chrono::seconds limit(std::optional<std::int64_t> of_the_user, std::chrono::seconds of_everybody) {
  return of_the_user ? std::chrono::seconds{*of_the_user} : of_everybody;
}

// What the account needs; the error is that an expression cannot be read, which another release has written.
Result<Requirement> needs_of(const store::EnrolledKey& enrolled, const Defaults& defaults) {
  return enrolled.auth.empty() ? defaults.needs_of(enrolled.role) : parse_requirement(enrolled.auth);
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
  const auto of_user = policy_of_user(user);
  if (!of_user) return std::unexpected(of_user.error());
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
  auto policy = policy_of_user(user);
  if (!policy) return std::unexpected(std::move(policy.error()));
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
  auto policy = policy_of_user(user);
  if (!policy) return std::unexpected(std::move(policy.error()));
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

}  // namespace bastion::access
