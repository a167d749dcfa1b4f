#include "bastion/access/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "bastion/access/certificate.h"
#include "bastion/access/principals.h"
#include "bastion/transport/keys.h"
#include "store/containers.h"
#include "store/users.h"

namespace bastion::access {
namespace {

std::unexpected<End> no(Reason reason, std::string detail = {}) {
  return std::unexpected(End{reason, {}, std::move(detail)});
}

// What the user and the key together allow.
Result<Policy> policy_of(const store::EnrolledKey& enrolled) {
  auto user = parse_policy(enrolled.user_options);
  if (!user) return std::unexpected(user.error());
  auto key = parse_policy(enrolled.key_options);
  if (!key) return std::unexpected(key.error());
  return both(*user, *key);
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

// What the user and the certificate together allow.
Result<Policy> policy_of(const store::User& user, const transport::UserCertificate& certificate) {
  auto of_user = parse_policy(user.options);
  if (!of_user) return fail("the user's options cannot be read: {}", of_user.error().text);
  auto of_certificate = access::policy_of(certificate);
  if (!of_certificate) return of_certificate;
  if (commands_differ(*of_user, *of_certificate)) return fail("its command is another one than the user's");
  return both(*of_user, *of_certificate);
}

Result<std::vector<PrincipalRule>> rules_of(const store::Ca& ca) { return parse_principals(ca.principals); }

std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const KeyCredential& key,
                                        const Circumstances& there, const Defaults& defaults) {
  const auto enrolled = records.keys.enrolled(who.user, key.key);
  if (!enrolled) return no(Reason::internal, enrolled.error().text);
  if (!*enrolled) return what_became_of(records.users, who, Reason::key_removed);
  return admission(**enrolled, there, defaults);
}

std::expected<Identity, End> readmitted(const Records& records, const Identity& who, const CertificateCredential& shown,
                                        const Circumstances& there, const Defaults& defaults) {
  const auto certified = certified_in(records, who.name, *shown.certificate);
  if (!certified) return no(Reason::internal, certified.error().text);
  if (!*certified || (*certified)->user.id != who.user) {
    return what_became_of(records.users, who, Reason::certificate_refused);
  }
  return admission(**certified, *shown.certificate, there, defaults);
}

}  // namespace

std::expected<Identity, End> admission(const store::EnrolledKey& enrolled, const Circumstances& there,
                                       const Defaults& defaults) {
  if (enrolled.user_disabled_at) return no(Reason::user_disabled);
  if (enrolled.is_revoked) return no(Reason::credential_revoked, "it was revoked");
  if (enrolled.key_expires_at && *enrolled.key_expires_at <= there.now)
    return no(Reason::key_expired, "it has expired");
  auto policy = policy_of(enrolled);
  if (!policy) return no(Reason::internal, fmt::format("its options cannot be read: {}", policy.error().text));
  return admit(enrolled, KeyCredential{.key = enrolled.key, .fingerprint = enrolled.fingerprint}, *std::move(policy),
               enrolled.key_expires_at, there, defaults);
}

std::expected<Identity, End> admission(const Certified& certified, const transport::UserCertificate& certificate,
                                       const Circumstances& there, const Defaults& defaults) {
  const auto& user = certified.user;
  if (user.disabled_at) return no(Reason::user_disabled);
  if (certified.is_revoked) return no(Reason::credential_revoked, "it was revoked");
  const auto rules = rules_of(certified.ca);
  if (!rules) return no(Reason::internal, rules.error().text);
  if (!principal_for(user.name, *rules, certificate.principals)) {
    return no(Reason::certificate_refused, fmt::format("no principal of it lets {} in", user.name));
  }
  if (auto why = transport::objection_to_time(certificate, there.now)) {
    return no(Reason::certificate_expired, std::move(why->text));
  }
  auto policy = policy_of(user, certificate);
  if (!policy) return no(Reason::certificate_refused, policy.error().text);
  auto fingerprint = transport::fingerprint(certificate.key.blob);
  auto kept = std::make_shared<transport::UserCertificate>(certificate);
  kept->blob = {};  // of no more use once it is verified
  CertificateCredential shown{
      .certificate = std::move(kept), .ca = certified.ca.name, .fingerprint = std::move(fingerprint)};
  return admit(store::enrolled_key(user, {}), std::move(shown), *std::move(policy), certificate.expires_at(), there,
               defaults);
}

Result<std::optional<Certified>> certified_in(const Records& records, std::string_view user,
                                              const transport::UserCertificate& certificate) {
  auto ca = records.cas.with_key(certificate.ca.blob);
  if (!ca) return std::unexpected(std::move(ca.error()));
  if (!*ca) return std::nullopt;
  auto found = records.users.find(user);
  if (!found) return std::unexpected(std::move(found.error()));
  const auto revoked = records.revocations.is_revoked(certificate.ca.blob, certificate.serial, certificate.key_id,
                                                      transport::fingerprint(certificate.key.blob),
                                                      transport::fingerprint(certificate.ca.blob));
  if (!revoked) return std::unexpected(revoked.error());
  if (!*found) return std::nullopt;
  return Certified{.user = **std::move(found), .ca = **std::move(ca), .is_revoked = *revoked};
}

std::expected<Identity, End> readmission(const Records& records, const Identity& who, const Circumstances& there,
                                         const Defaults& defaults) {
  std::optional<Identity> all;
  for (const auto& credential : shown_by(who)) {
    auto now =
        std::visit([&](const auto& shown) { return readmitted(records, who, shown, there, defaults); }, credential);
    if (!now) return now;
    all = all ? together(*all, *std::move(now)) : *std::move(now);
  }
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
