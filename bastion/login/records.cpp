#include "bastion/login/records.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/login/route.h"
#include "bastion/login/standing.h"
#include "bastion/loop/loop.h"
#include "store/reader.h"
#include "store/writer.h"

namespace bastion::login {
namespace {

// A store that cannot be read lets nobody in.
template <typename T>
std::optional<T> value_or_log(Result<std::optional<T>> result, std::string_view what) {
  if (result) return *std::move(result);
  log::error("the store cannot be read: {} ({})", result.error().text, what);
  return std::nullopt;
}

std::string route_text(const std::vector<Hop>& hops) {
  return fmt::format("{}", fmt::join(hops | std::views::transform(&Hop::name), " > "));
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

Records::Records(loop::Loop& loop, std::unique_ptr<store::Reader> reader, store::Writer& writer,
                 const Lifetime::Limits& limits, std::string server)
    : loop_(loop), reader_(std::move(reader)), writer_(writer), limits_(limits), server_(std::move(server)) {}

Records::~Records() = default;

std::optional<Identity> Records::accepted(std::string_view user, const transport::PublicKey& key,
                                          std::string_view from_host) {
  const auto now = unix_now();
  const auto found = value_or_log(reader_->keys().accepted(user, key.blob, now), "accepted keys");
  if (!found) return std::nullopt;
  auto identity = identity_of(*found);
  if (!identity || !identity->policy.permits_from(from_host) || (identity->until && *identity->until <= now)) {
    return std::nullopt;
  }
  return identity;
}

std::optional<Identity> Records::identity_of(const store::AcceptedKey& accepted) const {
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

std::expected<Identity, End> Records::standing(const Identity& identity, std::string_view from_host) {
  const auto now = unix_now();
  const auto found = find_standing(reader_->users(), reader_->keys(), identity, now);
  if (!found) return std::unexpected(found.error());
  auto current = identity_of(*found);
  if (!current) return std::unexpected(End{Reason::internal, {}, "her options cannot be read"});
  if (current->until && *current->until <= now) return std::unexpected(End{Reason::key_expired, {}, {}});
  if (!current->policy.permits_from(from_host)) return std::unexpected(End{Reason::source_refused, {}, {}});
  return *std::move(current);
}

std::expected<std::optional<std::int64_t>, End> Records::access(const Identity& identity, std::int64_t container,
                                                                const std::string& shown) {
  return find_access(reader_->containers(), identity, container, shown, unix_now());
}

std::optional<std::int64_t> Records::last_change() {
  return value_or_log(reader_->permissions().generation_if_written(), "permissions");
}

std::expected<Route, End> Records::route(const Identity& identity, const Target& target) {
  return find_route(reader_->containers(), reader_->backends(), identity, target, unix_now());
}

Result<Destination> Records::destination(const Identity& identity, const Target& target, const Endpoint& wanted) {
  return find_destination(reader_->containers(), reader_->backends(), identity, target, wanted, unix_now());
}

std::vector<MenuScreen::Choice> Records::choices(const Identity& identity) {
  std::vector<MenuScreen::Choice> choices;
  const auto open = reader_->containers().open_to({identity.user, identity.name}, unix_now());
  if (!open) {
    log::error("the store cannot be read: {} (containers)", open.error().text);
    return choices;
  }
  for (const auto& container : *open) {
    const auto backend = value_or_log(reader_->backends().find(container.backend_name), "backends");
    choices.push_back({.name = shown_to(identity, container),
                       .backend = container.backend_name,
                       .state = backend ? std::string(text_of(backend->state)) : std::string{}});
  }
  return choices;
}

std::optional<transport::PublicKey> Records::host_key(const store::HostKeyOwner& owner) {
  const auto found = value_or_log(reader_->host_keys().find(owner), "host keys");
  if (!found) return std::nullopt;
  auto key = transport::public_key_from_blob(found->blob);
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

Task<Result<transport::PublicKey>> Records::recorded_host_key(store::HostKeyOwner owner,
                                                              transport::PublicKey presented) {
  if (auto known = host_key(owner)) co_return *std::move(known);
  // Shared with the writer's answer, which may come when this login is long gone.
  const auto learned = std::make_shared<Event<Result<ByteVector>>>();
  writer_.learn_host_key(owner, presented.blob, unix_now(), [this, learned](Result<store::HostKey> outcome) {
    loop_.post([learned, outcome = std::move(outcome)] {
      learned->set(outcome ? Result<ByteVector>(outcome->blob) : std::unexpected(outcome.error()));
    });
  });
  const auto blob = co_await *learned;
  if (!blob) co_return std::unexpected(blob.error());
  co_return transport::public_key_from_blob(*blob);
}

void Records::opened(const Arrival& arrival, const Identity& identity) {
  const auto now = unix_now();
  writer_.key_used({.key = identity.key, .at = now});
  writer_.session_opened({.login = arrival.id,
                          .user = identity.name,
                          .from_host = arrival.from_host,
                          .key_fingerprint = identity.fingerprint,
                          .container = {},
                          .route = {},
                          .at = now,
                          .server = server_});
}

void Records::routed(const Arrival& arrival, const std::string& container, const std::vector<Hop>& hops) {
  writer_.session_routed({.login = arrival.id, .container = container, .route = route_text(hops)});
}

void Records::tunnelled(const Arrival& arrival, const Identity& identity, const std::string& to) {
  writer_.audit({.at = unix_now(),
                 .actor = identity.name,
                 .action = "tunnel",
                 .subject = to,
                 .outcome = "done",
                 .key_fingerprint = identity.fingerprint,
                 .from_host = arrival.from_host});
}

void Records::door_refused(const Arrival& arrival, const Identity& identity) {
  writer_.audit({.at = unix_now(),
                 .actor = identity.name,
                 .action = "admin",
                 .subject = arrival.id,
                 .outcome = "refused",
                 .key_fingerprint = identity.fingerprint,
                 .from_host = arrival.from_host});
}

void Records::closed(const Arrival& arrival, const Identity& identity, const End& end,
                     const connection::Relay::Traffic& traffic) {
  const auto now = unix_now();
  const std::string code{code_of(end.reason)};
  writer_.session_closed({.login = arrival.id,
                          .at = now,
                          .bytes_from_user = static_cast<std::int64_t>(traffic.from_user),
                          .bytes_from_container = static_cast<std::int64_t>(traffic.from_container),
                          .reason = code});
  writer_.audit({.at = now,
                 .actor = identity.name,
                 .action = "login",
                 .subject = arrival.id,
                 .outcome = code,
                 .key_fingerprint = identity.fingerprint,
                 .from_host = arrival.from_host});
}

}  // namespace bastion::login
