#include "bastion/admin/commands/names.h"

#include <utility>

#include "bastion/admin/grammar/words.h"
#include "bastion/base/printable.h"
#include "bastion/transport/keys.h"
#include "store/backends.h"
#include "store/bans.h"
#include "store/cas.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/host_cas.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

// A database that was restored may have names that nobody can type, and no terminal is to see.
void add(std::vector<std::string>& names, std::string name) {
  if (printable(name) == name) names.push_back(std::move(name));
}

}  // namespace

Names names_in(store::Database& database, std::string_view line) {
  Names names;
  store::Users users(database);
  if (const auto all = users.all()) {
    for (const auto& user : *all) add(names.users, user.name);
  }
  if (const auto all = store::Groups(database).all()) {
    for (const auto& one : *all) add(names.groups, one.group.name);
  }
  if (const auto all = store::Backends(database).all()) {
    for (const auto& backend : *all) add(names.backends, backend.name);
  }
  if (const auto all = store::Containers(database).all()) {
    for (const auto& container : *all) add(names.containers, container.full_name());
  }
  if (const auto all = store::Bans(database).all(0)) {
    for (const auto& ban : *all) add(names.bans, ban.network);
  }
  if (const auto all = store::HostCas(database).all()) {
    for (const auto& ca : *all) add(names.host_cas, transport::fingerprint(ca.blob));
  }
  if (const auto all = store::Cas(database).all()) {
    for (const auto& ca : *all) add(names.cas, ca.name);
  }
  const auto words = split_words(line);
  if (!words) return names;
  for (const auto& word : *words) {
    const auto user = users.find(word);
    if (!user || !*user) continue;
    if (const auto keys = store::Keys(database).of_user((*user)->id)) {
      for (const auto& key : *keys) add(names.fingerprints[word], key.fingerprint);
    }
  }
  return names;
}

}  // namespace bastion::admin
