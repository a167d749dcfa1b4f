#include "bastion/access/lookup.h"

#include <utility>

#include "bastion/access/standing.h"
#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "store/reader.h"

namespace bastion::access {
namespace {

// A store that cannot be read lets nobody in.
template <typename T>
std::optional<T> value_or_log(Result<std::optional<T>> result, std::string_view what) {
  if (result) return *std::move(result);
  log::error("the store cannot be read: {} ({})", result.error().text, what);
  return std::nullopt;
}

// What the user and the key together allow. Options that cannot be read let nobody in.
std::optional<Policy> policy_of(const store::AcceptedKey& accepted) {
  const auto user = parse_policy(accepted.user_options);
  const auto key = parse_policy(accepted.key_options);
  if (user && key) return both(*user, *key);
  log::error("options cannot be read user={} key={} detail={:?}", accepted.user_name, accepted.fingerprint,
             user ? key.error().text : user.error().text);
  return std::nullopt;
}

}  // namespace

std::optional<Identity> Lookup::accepted(std::string_view user, const transport::PublicKey& key,
                                         std::string_view from_host) {
  const auto now = unix_now();
  const auto found = value_or_log(reader_.keys().accepted(user, key.blob, now), "accepted keys");
  if (!found) return std::nullopt;
  auto identity = identity_of(*found);
  if (!identity || !identity->policy.permits_from(from_host) || (identity->until && *identity->until <= now)) {
    return std::nullopt;
  }
  return identity;
}

std::optional<Identity> Lookup::identity_of(const store::AcceptedKey& accepted) const {
  auto policy = policy_of(accepted);
  if (!policy) return std::nullopt;
  const auto limit = [](std::optional<std::int64_t> hers, std::chrono::seconds everybodys) {
    return hers ? std::chrono::seconds{*hers} : everybodys;
  };
  const auto until = earlier(accepted.key_expires_at, policy->expires_at);
  return Identity{.user = accepted.user,
                  .key = accepted.key,
                  .name = accepted.user_name,
                  .fingerprint = accepted.fingerprint,
                  .role = accepted.role,
                  .policy = *std::move(policy),
                  .limits = {.idle = limit(accepted.idle_timeout, limits_.idle),
                             .total = limit(accepted.max_session, limits_.total)},
                  .until = until};
}

std::expected<Identity, End> Lookup::standing(const Identity& identity, std::string_view from_host) {
  const auto now = unix_now();
  const auto found = find_standing(reader_.users(), reader_.keys(), identity, now);
  if (!found) return std::unexpected(found.error());
  auto current = identity_of(*found);
  if (!current) return std::unexpected(End{Reason::internal, {}, "her options cannot be read"});
  if (current->until && *current->until <= now) return std::unexpected(End{Reason::key_expired, {}, {}});
  if (!current->policy.permits_from(from_host)) return std::unexpected(End{Reason::source_refused, {}, {}});
  return *std::move(current);
}

std::expected<std::optional<std::int64_t>, End> Lookup::access(const Identity& identity, std::int64_t container,
                                                               const std::string& shown) {
  return find_access(reader_.containers(), identity, container, shown, unix_now());
}

std::optional<std::int64_t> Lookup::last_change() {
  return value_or_log(reader_.permissions().generation_if_written(), "permissions");
}

std::expected<Route, End> Lookup::route(const Identity& identity, const Target& target) {
  return find_route(reader_.containers(), reader_.backends(), identity, target, unix_now());
}

Result<Destination> Lookup::destination(const Identity& identity, const Target& target, const Endpoint& wanted) {
  return find_destination(reader_.containers(), reader_.backends(), identity, target, wanted, unix_now());
}

std::vector<Choice> Lookup::choices(const Identity& identity) {
  std::vector<Choice> choices;
  const auto open = reader_.containers().open_to({identity.user, identity.name}, unix_now());
  if (!open) {
    log::error("the store cannot be read: {} (containers)", open.error().text);
    return choices;
  }
  for (const auto& container : *open) {
    const auto backend = value_or_log(reader_.backends().find(container.backend_name), "backends");
    choices.push_back({.name = shown_to(identity, container),
                       .backend = container.backend_name,
                       .state = backend ? std::string(text_of(backend->state)) : std::string{}});
  }
  return choices;
}

}  // namespace bastion::access
