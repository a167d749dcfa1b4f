#include "bastion/oidc/id_token.h"

#include <algorithm>
#include <string>
#include <utility>

#include "bastion/oidc/json.h"

namespace bastion::oidc {
namespace {

constexpr std::int64_t kLatest = 253'402'300'799;  // the year 9999
constexpr std::size_t kLongestSubject = 255;
constexpr std::size_t kLongestName = 1024;
constexpr std::size_t kLongestGroup = 256;

Result<> is_for_us(const Json& claims, const Provider& provider) {
  const auto audience = claims.find("aud");
  const auto is_us = [&](const Json& one) { return one.is_string() && one == provider.client_id; };
  if (audience == claims.end()) return fail("its token is for nobody (aud)");
  if (!is_us(*audience) && !(audience->is_array() && std::ranges::any_of(*audience, is_us))) {
    return fail("its token is for another client than {} (aud)", provider.client_id);
  }
  const bool is_shared = audience->is_array() && audience->size() > 1;
  if ((is_shared || claims.contains("azp")) && text_in(claims, "azp") != provider.client_id) {
    return fail("its token was given to another client than {} (azp)", provider.client_id);
  }
  return {};
}

Result<> is_of_now(const Json& claims, std::int64_t now) {
  const auto expires = number_in(claims, "exp", 0, kLatest);
  const auto issued = number_in(claims, "iat", 0, kLatest);
  const auto not_before = number_in(claims, "nbf", 0, kLatest);
  if (!expires || !issued) return fail("its token does not say until when it counts (exp, iat)");
  if (*expires + kClockDrift <= now) return fail("its token has expired, by the bastion's clock");
  if (*issued > now + kClockDrift || (not_before && *not_before > now + kClockDrift)) {
    return fail("its token is of a time to come: its clock or the bastion's is wrong");
  }
  if (*issued + kOldest < now) return fail("its token was made long ago: its clock or the bastion's is wrong");
  return {};
}

// A list of texts, or one text.
std::vector<std::string> groups_in(const Json& claims, const std::string& name) {
  std::vector<std::string> groups;
  const auto claim = name.empty() ? claims.end() : claims.find(name);
  if (claim == claims.end()) return groups;
  const auto add = [&](const Json& one) {
    if (!one.is_string() || groups.size() >= kMostGroups) return;
    auto text = one.get<std::string>();
    if (text.size() <= kLongestGroup) groups.push_back(std::move(text));
  };
  if (claim->is_array()) {
    for (const auto& one : *claim) add(one);
  } else {
    add(*claim);
  }
  return groups;
}

}  // namespace

Result<SignedOn> signed_on(std::string_view payload, const Provider& provider, std::int64_t now) {
  const auto claims = parse_object(payload, "what its token says");
  if (!claims) return std::unexpected(claims.error());
  if (text_in(*claims, "iss") != provider.issuer) return fail("its token is of another issuer (iss)");
  if (auto ours = is_for_us(*claims, provider); !ours) return std::unexpected(ours.error());
  if (auto current = is_of_now(*claims, now); !current) return std::unexpected(current.error());
  auto subject = text_in(*claims, "sub");
  if (!subject || subject->empty() || subject->size() > kLongestSubject) return fail("its token names nobody (sub)");
  auto name = text_in(*claims, provider.name_claim);
  if (!name || name->empty() || name->size() > kLongestName) {
    return fail("its token has no {}: the issuer has to put it there for client {}, or name_claim is another one",
                provider.name_claim, provider.client_id);
  }
  const auto verified = claims->find("email_verified");
  if (provider.name_claim == "email" && (verified == claims->end() || *verified != true)) {
    return fail("its token does not say that the e-mail address is theirs (email_verified)");
  }
  return SignedOn{
      .subject = *std::move(subject), .name = *std::move(name), .groups = groups_in(*claims, provider.groups_claim)};
}

}  // namespace bastion::oidc
