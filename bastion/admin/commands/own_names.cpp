#include "bastion/admin/commands/own_names.h"

#include "bastion/base/printable.h"
#include "store/groups.h"
#include "store/keys.h"

namespace bastion::admin {

Names own_names(store::Database& database, const store::Entrant& who) {
  Names names;
  if (const auto owned = store::Containers(database).of_owner(who.id)) {
    for (const auto& container : *owned) names.containers.push_back(printable(container.name));
  }
  if (const auto groups = store::Groups(database).of_user(who.id)) names.groups = *groups;
  if (const auto keys = store::Keys(database).of_user(who.id)) {
    for (const auto& key : *keys) names.fingerprints[std::string(who.name)].push_back(key.fingerprint);
  }
  return names;
}

}  // namespace bastion::admin
