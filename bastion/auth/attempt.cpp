#include "bastion/auth/attempt.h"

#include <utility>

#include "bastion/access/lookup.h"
#include "bastion/base/match.h"
#include "bastion/transport/keys.h"

namespace bastion::auth {
namespace {

std::optional<Claim> claim_of(const transport::AuthRequest& request) {
  const auto* const method = find_method(request.method());
  return method == nullptr ? std::nullopt : method->claim(request.method(), request.fields());
}

std::string key_type_of(const std::optional<Claim>& claim) {
  return claim ? std::visit(Match{[](const KeyClaim& key) { return key.key.type; }}, *claim) : std::string{};
}

std::string fingerprint_of(const std::optional<Claim>& claim) {
  return claim ? std::visit(Match{[](const KeyClaim& key) { return transport::fingerprint(key.key.blob); }}, *claim)
               : std::string{};
}

}  // namespace

Attempt::Attempt(transport::AuthRequest request) : request_(std::move(request)), claim_(claim_of(request_)) {}

bool Attempt::is_none() const { return request_.method() == kNone; }

Try Attempt::as_try() const {
  return {.user = request_.user(),
          .method = request_.method(),
          .key_type = key_type_of(claim_),
          .fingerprint = fingerprint_of(claim_)};
}

bool Attempt::is_question() const {
  return claim_ && std::visit(Match{[](const KeyClaim& key) { return !key.is_signed; }}, *claim_);
}

Result<std::optional<access::Identity>> Attempt::identity(access::Lookup& lookup, std::string_view user,
                                                          std::string_view from_host) const {
  if (!claim_) return std::nullopt;
  return std::visit(Match{[&](const KeyClaim& key) { return lookup.accepted(user, key.key, from_host); }}, *claim_);
}

bool Attempt::proven() {
  if (!claim_ || is_question()) return false;
  if (!proven_) proven_ = std::visit(Match{[this](const KeyClaim&) { return request_.verify_signature(); }}, *claim_);
  return *proven_;
}

void Attempt::grant() {
  if (!is_question()) return proven() ? request_.grant() : request_.deny();
  std::visit(Match{[this](const KeyClaim& claim) { request_.answer_would_do(claim.algorithm, claim.key.blob); }},
             *claim_);
}

void Attempt::grant_in_part(std::string_view methods) {
  return !is_question() && proven() ? request_.grant_in_part(methods) : request_.deny(methods);
}

}  // namespace bastion::auth
