#include "bastion/admin/manifest/administrators.h"

#include <algorithm>

#include "bastion/access/admission.h"
#include "store/database.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

// Wherever they come from: what from= says of that is theirs to know.
bool opens(const store::User& user, const store::Key& key, std::int64_t now) {
  const auto admitted = access::admission(store::enrolled_key(user, key), {.from_host = {}, .now = now}, {});
  return admitted && !admitted->policy.command;
}

}  // namespace

Result<Administration> administration(store::Database& database, std::int64_t now) {
  const auto users = store::Users(database).administrators();
  if (!users) return std::unexpected(users.error());
  store::Keys keys(database);
  auto found = Administration::nobody;
  for (const auto& user : *users) {
    const auto theirs = keys.of_user(user.id);
    if (!theirs) return std::unexpected(theirs.error());
    if (std::ranges::any_of(*theirs, [&](const store::Key& key) { return opens(user, key, now); })) {
      return Administration::can_log_in;
    }
    found = Administration::no_key;
  }
  return found;
}

Result<> keep_administration(store::Database& database, std::int64_t now, Administration before) {
  const auto after = administration(database, now);
  if (!after) return std::unexpected(after.error());
  if (*after >= before) return {};
  if (*after == Administration::nobody) return fail("no administrator would be left");
  return fail("no administrator could log in any more");
}

}  // namespace bastion::admin
