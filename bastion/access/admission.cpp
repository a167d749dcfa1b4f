#include "bastion/access/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "bastion/base/match.h"
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
Result<Requirement> needs_of(const std::string& auth, const Defaults& defaults) {
  return auth.empty() ? defaults.needs : parse_requirement(auth);
}

// Why nothing is enrolled any more that was.
std::unexpected<End> what_became_of(store::Users& users, const Identity& who) {
  const auto user = users.find(who.name);
  if (!user) return no(Reason::internal, user.error().text);
  if (!*user || (*user)->id != who.user) return no(Reason::user_removed);
  return no((*user)->disabled_at ? Reason::user_disabled : Reason::key_removed);
}

}  // namespace

std::expected<Identity, End> admission(const store::EnrolledKey& enrolled, const Circumstances& there,
                                       const Defaults& defaults) {
  if (enrolled.user_disabled_at) return no(Reason::user_disabled);
  if (enrolled.key_expires_at && *enrolled.key_expires_at <= there.now)
    return no(Reason::key_expired, "it has expired");
  auto policy = policy_of(enrolled);
  if (!policy) return no(Reason::internal, fmt::format("its options cannot be read: {}", policy.error().text));
  if (policy->expires_at && *policy->expires_at <= there.now) {
    return no(Reason::key_expired, "its expiry-time is over");
  }
  if (there.from_host && !policy->permits_from(*there.from_host)) {
    return no(Reason::source_refused, fmt::format("it is not accepted from {}", *there.from_host));
  }
  auto needs = needs_of(enrolled.auth, defaults);
  if (!needs) return no(Reason::internal, fmt::format("what the user needs cannot be read: {}", needs.error().text));
  const auto& limits = defaults.limits;
  const auto until = earlier(enrolled.key_expires_at, policy->expires_at);
  return Identity{
      .user = enrolled.user,
      .name = enrolled.user_name,
      .credential = KeyCredential{.key = enrolled.key, .fingerprint = enrolled.fingerprint},
      .before = {},
      .needs = *std::move(needs),
      .role = enrolled.role,
      .policy = *std::move(policy),
      .limits = {.idle = limit(enrolled.idle_timeout, limits.idle), .total = limit(enrolled.max_session, limits.total)},
      .caps = enrolled.caps,
      .until = until};
}

std::expected<Identity, End> readmission(store::Users& users, store::Keys& keys, const Identity& who,
                                         const Circumstances& there, const Defaults& defaults) {
  std::optional<Identity> all;
  for (const auto& credential : shown_by(who)) {
    auto now = std::visit(Match{[&](const KeyCredential& key) -> std::expected<Identity, End> {
                            const auto enrolled = keys.enrolled(who.user, key.key);
                            if (!enrolled) return no(Reason::internal, enrolled.error().text);
                            if (!*enrolled) return what_became_of(users, who);
                            return admission(**enrolled, there, defaults);
                          }},
                          credential);
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
  if (*open) return (*open)->shared_until;

  const auto exists = containers.exists(container);
  if (!exists) return no(Reason::internal, exists.error().text);
  return std::unexpected(End{*exists ? Reason::container_unshared : Reason::container_removed, shown, {}});
}

}  // namespace bastion::access
