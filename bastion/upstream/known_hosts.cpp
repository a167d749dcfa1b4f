#include "bastion/upstream/known_hosts.h"

#include <memory>
#include <utility>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/loop/loop.h"
#include "store/writer.h"

namespace bastion::upstream {

std::optional<PublicKey> KnownHosts::find(const store::HostKeyOwner& owner) {
  const auto found = host_keys_.find(owner);
  if (!found) log::error("the store cannot be read: {} (host keys)", found.error().text);
  if (!found || !*found) return std::nullopt;
  auto key = transport::public_key_from_blob((*found)->blob);
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

Task<Result<PublicKey>> KnownHosts::find_or_learn(store::HostKeyOwner owner, PublicKey presented) {
  if (auto known = find(owner)) co_return *std::move(known);
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

}  // namespace bastion::upstream
