#include "bastion/admin/commands/names.h"

#include "bastion/admin/grammar/words.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::admin {

Names names_in(store::Database& database, std::string_view line) {
  Names names;
  store::Users users(database);
  if (const auto all = users.all()) {
    for (const auto& user : *all) names.users.push_back(user.name);
  }
  if (const auto all = store::Backends(database).all()) {
    for (const auto& backend : *all) names.backends.push_back(backend.name);
  }
  if (const auto all = store::Containers(database).all()) {
    for (const auto& container : *all) names.containers.push_back(container.full_name());
  }
  const auto words = split_words(line);
  if (!words) return names;
  for (const auto& word : *words) {
    const auto user = users.find(word);
    if (!user || !*user) continue;
    if (const auto keys = store::Keys(database).of_user((*user)->id)) {
      for (const auto& key : *keys) names.fingerprints[word].push_back(key.fingerprint);
    }
  }
  return names;
}

}  // namespace bastion::admin
