#include "bastion/admin/manifest/administrators.h"

#include <optional>
#include <utility>
#include <vector>

#include "bastion/access/admission.h"
#include "store/database.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

// Whether all these keys together are enough. Wherever they come from: what from= says of that is theirs to know. What
// an account needs that nothing is said of is in the configuration; it is taken for one key.
bool are_enough(const store::User& user, const std::vector<store::Key>& keys, std::int64_t now) {
  std::optional<access::Identity> who;
  for (const auto& key : keys) {
    auto admitted = access::admission(store::enrolled_key(user, key), {.from_host = {}, .now = now}, {});
    if (!admitted || admitted->policy.command || !access::brings_further(who, *admitted)) continue;
    who = who ? access::together(*who, *std::move(admitted)) : *std::move(admitted);
    if (access::suffices(*who)) return true;
  }
  return false;
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
    if (are_enough(user, *theirs, now)) return Administration::can_log_in;
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
