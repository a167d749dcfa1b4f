#include "bastion/access/standing.h"

#include <algorithm>
#include <utility>

#include "store/containers.h"
#include "store/users.h"

namespace bastion::access {
namespace {

std::unexpected<End> unreadable(const Error& error) { return std::unexpected(End{Reason::internal, {}, error.text}); }

std::unexpected<End> end(Reason reason) { return std::unexpected(End{reason, {}, {}}); }

}  // namespace

std::expected<store::AcceptedKey, End> find_standing(store::Users& users, store::Keys& keys, const Identity& who,
                                                     std::int64_t now) {
  auto accepted = keys.still_accepted(who.user, who.key, now);
  if (!accepted) return unreadable(accepted.error());
  if (*accepted) return **std::move(accepted);

  const auto user = users.find(who.name);
  if (!user) return unreadable(user.error());
  if (!*user || (*user)->id != who.user) return end(Reason::user_removed);
  if ((*user)->disabled_at) return end(Reason::user_disabled);
  const auto hers = keys.of_user(who.user);
  if (!hers) return unreadable(hers.error());
  const bool there = std::ranges::find(*hers, who.key, &store::Key::id) != hers->end();
  return end(there ? Reason::key_expired : Reason::key_removed);
}

std::expected<std::optional<std::int64_t>, End> find_access(store::Containers& containers, const Identity& who,
                                                            std::int64_t container, const std::string& shown,
                                                            std::int64_t now) {
  const auto open = containers.still_open_to({who.user, who.name}, container, now);
  if (!open) return unreadable(open.error());
  if (*open) return (*open)->shared_until;

  const auto exists = containers.exists(container);
  if (!exists) return unreadable(exists.error());
  return std::unexpected(End{*exists ? Reason::container_unshared : Reason::container_removed, shown, {}});
}

}  // namespace bastion::access
