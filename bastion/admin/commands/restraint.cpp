#include "bastion/admin/commands/restraint.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace bastion::admin {
namespace {

Error not_theirs(std::string_view what) {
  return {fmt::format("only an administrator may change {}: it concerns somebody who has a role", what)};
}

// Whoever is no user any more has none.
Result<bool> has_role(store::Users& users, std::string_view name) {
  const auto user = users.find(name);
  if (!user) return std::unexpected(user.error());
  return *user && (*user)->role != store::Role::user;
}

Result<> ends_nobody_with_a_role(const Context& context, const std::vector<std::string>& ends) {
  if (ends.empty() || !context.snapshot.sessions) return {};
  store::Users users(context.database);
  for (const auto& session : *context.snapshot.sessions) {
    if (std::ranges::find(ends, session.id) == ends.end()) continue;
    const auto has = has_role(users, session.user);
    if (!has) return std::unexpected(has.error());
    if (*has) return fail("only an administrator may end session {}: {} has a role", session.id, session.user);
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
    return std::unexpected(not_theirs(*what));
  }
  return ends_nobody_with_a_role(context, answer.effects.ends);
}

Result<> may_act_on(const Context& context, const std::vector<store::Container>& containers,
                    const std::vector<std::string>& sessions) {
  const auto role = context.present_role();
  if (!role) return std::unexpected(role.error());
  if (*role == store::Role::admin) return {};
  store::Users users(context.database);
  for (const auto& container : containers) {
    const auto has = has_role(users, container.owner_name);
    if (!has) return std::unexpected(has.error());
    if (*has) return std::unexpected(not_theirs("container " + container.full_name()));
  }
  return ends_nobody_with_a_role(context, sessions);
}

}  // namespace bastion::admin
