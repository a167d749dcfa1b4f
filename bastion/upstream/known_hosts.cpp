#include "bastion/upstream/known_hosts.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "bastion/loop/timer.h"
#include "store/busy.h"
#include "store/writer.h"

namespace bastion::upstream {

std::optional<PublicKey> KnownHosts::find(const store::HostKeyOwner& owner) {
  const auto found = host_keys_.find(owner);
  if (!found) log::error("the store cannot be read: {} (host keys)", found.error().text);
  if (!found || !*found) return std::nullopt;
  auto key = transport::public_key_from_blob((*found)->blob);
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

std::vector<std::string> KnownHosts::copies_of(const store::HostKeyOwner& owner) {
  auto copies = host_keys_.copies_of(owner);
  if (copies) return *std::move(copies);
  log::error("the store cannot be read: {} (host keys)", copies.error().text);
  return {};
}

Task<std::expected<PublicKey, End>> KnownHosts::learn(store::HostKeyOwner owner, PublicKey presented,
                                                      std::chrono::seconds within) {
  // Shared with the writer's answer, which may come when this session is long gone.
  const auto learned = std::make_shared<Event<std::expected<ByteVector, End>>>();
  store::Writer::Presented shown{
      .blob = presented.blob, .fingerprint = transport::fingerprint(presented.blob), .at = unix_now()};
  writer_.learn_host_key(owner, std::move(shown), [this, learned](Result<store::HostKey> outcome) {
    loop_.post([learned, outcome = std::move(outcome)] {
      if (outcome) return learned->set(outcome->blob);
      const auto reason = store::is_busy(outcome.error()) ? Reason::database_busy : Reason::internal;
      learned->set(std::unexpected(End{reason, {}, outcome.error().text}));
    });
  });
  loop::Timer deadline(loop_, [learned, within] {
    auto detail = fmt::format("the host key was not written within {} s", within.count());
    learned->set(std::unexpected(End{Reason::database_busy, {}, std::move(detail)}));
  });
  deadline.start(within);
  const auto blob = co_await *learned;
  if (!blob) co_return std::unexpected(blob.error());
  auto key = transport::public_key_from_blob(*blob);
  if (!key) co_return std::unexpected(End{Reason::internal, {}, key.error().text});
  co_return *std::move(key);
}

}  // namespace bastion::upstream
