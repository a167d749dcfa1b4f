#include "bastion/auth/attempt.h"

#include <utility>

#include "bastion/access/invitation.h"
#include "bastion/access/lookup.h"
#include "bastion/base/match.h"
#include "bastion/base/wire_format.h"
#include "bastion/transport/keys.h"

namespace bastion::auth {
namespace {

std::optional<Claim> claim_of(const transport::AuthRequest& request) {
  const auto* const method = find_method(request.method());
  return method == nullptr ? std::nullopt : method->claim(request.method(), request.fields());
}

// nullptr: it claims no key.
const PublicKey* key_of(const Claim& claim) {
  return std::visit(Match{[](const KeyClaim& key) { return &key.key; },
                          [](const CertificateClaim& one) { return &one.certificate.key; },
                          [](const auto& /*typed*/) -> const PublicKey* { return nullptr; }},
                    claim);
}

// A certificate has its algorithm's name, which says what it is.
std::string key_type_of(const std::optional<Claim>& claim) {
  return claim ? std::visit(Match{[](const KeyClaim& key) { return key.key.type; },
                                  [](const CertificateClaim& one) { return one.algorithm; },
                                  [](const auto& /*typed*/) { return std::string{}; }},
                            *claim)
               : std::string{};
}

std::string fingerprint_of(const std::optional<Claim>& claim) {
  const auto* const key = claim ? key_of(*claim) : nullptr;
  return key != nullptr ? transport::fingerprint(key->blob) : std::string{};
}

// OpenSSH asks no key for a PIN that has none.
bool has_what_it_requires(const CertificateClaim& claim) {
  const bool can_verify = claim.certificate.key.type.starts_with("sk-");
  return !claim.certificate.verify_required || !can_verify || claim.user_verified;
}

}  // namespace

Attempt::Attempt(transport::AuthRequest request) : request_(std::move(request)), claim_(claim_of(request_)) {}

bool Attempt::is_none() const { return request_.method() == kNone; }

Try Attempt::as_try() const {
  return {.user = access::without_invitation(request_.user()),
          .method = request_.method(),
          .key_type = key_type_of(claim_),
          .fingerprint = fingerprint_of(claim_)};
}

const PublicKey* Attempt::key() const {
  const auto* const shown = claim_ ? std::get_if<KeyClaim>(&*claim_) : nullptr;
  return shown == nullptr ? nullptr : &shown->key;
}

const transport::UserCertificate* Attempt::certificate() const {
  const auto* const shown = claim_ ? std::get_if<CertificateClaim>(&*claim_) : nullptr;
  return shown == nullptr ? nullptr : &shown->certificate;
}

std::optional<PublicKey> Attempt::shown() const {
  if (!claim_) return std::nullopt;
  return std::visit(Match{[](const KeyClaim& key) { return std::optional(key.key); },
                          [](const CertificateClaim& one) {
                            return std::optional(PublicKey{.type = std::string(WireReader(one.certificate.blob).text()),
                                                           .blob = one.certificate.blob});
                          },
                          [](const auto& /*typed*/) { return std::optional<PublicKey>{}; }},
                    *claim_);
}

bool Attempt::is_question() const {
  return claim_ && std::visit(Match{[](const KeyClaim& one) { return !one.is_signed; },
                                    [](const CertificateClaim& one) { return !one.is_signed; },
                                    [](const auto& /*typed*/) { return false; }},
                              *claim_);
}

bool Attempt::is_interactive() const { return claim_ && std::holds_alternative<InteractiveClaim>(*claim_); }

const PasswordClaim* Attempt::password() const { return claim_ ? std::get_if<PasswordClaim>(&*claim_) : nullptr; }

Result<std::optional<access::Identity>> Attempt::identity(access::Lookup& lookup, std::string_view user,
                                                          std::string_view from_host) const {
  if (!claim_) return std::nullopt;
  using Found = Result<std::optional<access::Identity>>;
  return std::visit(
      Match{[&](const KeyClaim& key) { return lookup.accepted(user, key.key, from_host); },
            [&](const CertificateClaim& one) { return lookup.accepted(user, one.certificate, from_host); },
            [](const auto& /*typed*/) { return Found(std::nullopt); }},
      *claim_);
}

Result<std::optional<access::Identity>> Attempt::identity(access::Lookup& lookup, std::string_view user,
                                                          std::string_view from_host,
                                                          const access::PrintedKeys& printed) const {
  if (!claim_) return std::nullopt;
  using Found = Result<std::optional<access::Identity>>;
  return std::visit(
      Match{[&](const KeyClaim& key) { return lookup.accepted(user, key.key, from_host, printed); },
            [&](const CertificateClaim& one) { return lookup.accepted(user, one.certificate, from_host, printed); },
            [](const auto& /*typed*/) { return Found(std::nullopt); }},
      *claim_);
}

bool Attempt::satisfies(const access::Policy& policy) const {
  if (!policy.verify_required || is_question()) return true;
  return claim_ && std::visit(Match{[](const KeyClaim& one) { return one.user_verified; },
                                    [](const CertificateClaim& one) { return one.user_verified; },
                                    [](const auto& /*typed*/) { return true; }},
                              *claim_);
}

bool Attempt::vouched_for() const {
  return claim_ && std::visit(Match{[](const KeyClaim&) { return true; },
                                    [](const CertificateClaim& one) { return is_signed_by_its_ca(one.certificate); },
                                    [](const auto& /*typed*/) { return false; }},
                              *claim_);
}

bool Attempt::signed_as_required() {
  return std::visit(Match{[this](const KeyClaim&) { return request_.verify_signature(); },
                          [this](const CertificateClaim& one) {
                            return has_what_it_requires(one) && vouched_for() && request_.verify_signature();
                          },
                          [](const auto& /*typed*/) { return false; }},
                    *claim_);
}

bool Attempt::proven() {
  if (!claim_ || is_question()) return false;
  if (!proven_) proven_ = signed_as_required();
  return *proven_;
}

bool Attempt::is_proven() { return is_typed() ? proven_.value_or(false) : proven(); }

bool Attempt::holds() { return is_question() ? vouched_for() : proven(); }

void Attempt::grant() {
  if (!is_question()) return is_proven() ? request_.grant() : request_.deny();
  std::visit(Match{[this](const KeyClaim& claim) { request_.answer_would_do(claim.algorithm, claim.key.blob); },
                   [this](const CertificateClaim& claim) {
                     request_.answer_would_do(claim.algorithm, claim.certificate.blob);
                   },
                   [](const auto& /*typed*/) {}},
             *claim_);
}

void Attempt::grant_in_part(std::string_view methods) {
  return !is_question() && is_proven() ? request_.grant_in_part(methods) : request_.deny(methods);
}

}  // namespace bastion::auth
