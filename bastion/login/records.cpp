#include "bastion/login/records.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <ranges>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/login/route.h"
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

std::string route_text(const Route& route) {
  return fmt::format("{}", fmt::join(route.hops | std::views::transform(&Hop::name), " > "));
}

}  // namespace

Records::Records(loop::Loop& loop, std::unique_ptr<store::Reader> reader, store::Writer& writer)
    : loop_(loop), reader_(std::move(reader)), writer_(writer) {}

Records::~Records() = default;

std::optional<Identity> Records::accepted(std::string_view user, const transport::PublicKey& key) {
  const auto found = value_or_log(reader_->keys().accepted(user, key.blob, unix_now()), "accepted keys");
  if (!found) return std::nullopt;
  return Identity{.user = found->user, .key = found->key, .name = found->user_name, .fingerprint = found->fingerprint};
}

std::expected<Route, End> Records::route(const Identity& identity, const Target& target) {
  return find_route(reader_->containers(), reader_->backends(), identity, target, unix_now());
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

void Records::opened(const Arrival& arrival, const Identity& identity, const Route* route) {
  const auto now = unix_now();
  writer_.key_used({.key = identity.key, .at = now});
  writer_.session_opened({.login = arrival.id,
                          .user = identity.name,
                          .from_host = arrival.from_host,
                          .key_fingerprint = identity.fingerprint,
                          .container = route == nullptr ? std::string{} : route->full_name,
                          .route = route == nullptr ? std::string{} : route_text(*route),
                          .at = now});
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
  writer_.audit({.at = now, .actor = identity.name, .action = "login", .subject = arrival.id, .outcome = code});
}

}  // namespace bastion::login
