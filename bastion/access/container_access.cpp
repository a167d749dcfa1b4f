#include "bastion/access/container_access.h"

#include "store/containers.h"

namespace bastion::access {

std::expected<std::optional<std::int64_t>, End> find_access(store::Containers& containers, const Identity& who,
                                                            std::int64_t container, const std::string& shown,
                                                            std::int64_t now) {
  const auto open = containers.still_open_to({who.user, who.name}, container, now);
  if (!open) return std::unexpected(End{Reason::internal, {}, open.error().text});
  if (*open && !(*open)->is_served) {
    return std::unexpected(End{Reason::backend_serves_others, (*open)->backend_name, {}});
  }
  if (*open) return (*open)->shared_until;

  const auto exists = containers.exists(container);
  if (!exists) return std::unexpected(End{Reason::internal, {}, exists.error().text});
  return std::unexpected(End{*exists ? Reason::container_unshared : Reason::container_removed, shown, {}});
}

}  // namespace bastion::access
