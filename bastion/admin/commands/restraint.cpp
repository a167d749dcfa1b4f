#include "bastion/admin/commands/restraint.h"

#include <algorithm>
#include <utility>

namespace bastion::admin {
namespace {

Result<> ends_nobody_with_a_role(const Context& context, const Answer& answer) {
  if (answer.effects.ends.empty() || !context.snapshot.sessions) return {};
  store::Users users(context.database);
  for (const auto& session : *context.snapshot.sessions) {
    if (std::ranges::find(answer.effects.ends, session.id) == answer.effects.ends.end()) continue;
    const auto user = users.find(session.user);
    if (!user) return std::unexpected(user.error());
    if (!*user || (*user)->role == store::Role::user) continue;
    return fail("only an administrator may end session {}: {} has a role", session.id, session.user);
  }
  return {};
}

}  // namespace

Result<Restraint> Restraint::begin(store::Database& database, store::Role role) {
  Restraint restraint;
  if (role == store::Role::admin) return restraint;
  auto before = store::Protection::read(database);
  if (!before) return std::unexpected(std::move(before.error()));
  restraint.before_ = *std::move(before);
  return restraint;
}

Result<> Restraint::check(const Context& context, const Answer& answer) const {
  if (!before_) return {};
  const auto after = store::Protection::read(context.database);
  if (!after) return std::unexpected(after.error());
  if (const auto what = after->changed_since(*before_)) {
    return fail("only an administrator may change {}: it concerns somebody who has a role", *what);
  }
  return ends_nobody_with_a_role(context, answer);
}

}  // namespace bastion::admin
