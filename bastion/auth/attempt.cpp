#include "bastion/auth/attempt.h"

#include <utility>

#include "bastion/access/lookup.h"
#include "bastion/base/match.h"

namespace bastion::auth {
namespace {

constexpr std::string_view kNone = "none";

std::optional<Claim> claim_of(const transport::AuthRequest& request) {
  const auto* const method = find_method(request.method());
  return method == nullptr ? std::nullopt : method->claim(request.method(), request.fields());
}

}  // namespace

Attempt::Attempt(transport::AuthRequest request) : request_(std::move(request)), claim_(claim_of(request_)) {}

bool Attempt::is_none() const { return request_.method() == kNone; }

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

}  // namespace bastion::auth
