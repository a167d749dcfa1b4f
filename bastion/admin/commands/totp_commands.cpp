#include <fmt/format.h>

#include <string>
#include <utility>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/new_codes.h"
#include "bastion/admin/manifest/cells.h"
#include "store/second_factors.h"

namespace bastion::admin {
namespace {

Cell state_of(const store::SecondFactor& factor) {
  if (!factor.enrolled_at) return "none";
  return factor.last_step == 0 ? "never used" : "used";
}

// Steps are of 30 seconds.
Cell last_used(const store::SecondFactor& factor) {
  if (factor.last_step == 0) return nullptr;
  return timestamp_cell(factor.last_step * 30);
}

}  // namespace

Result<Answer> totp_enroll(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto there = store::SecondFactors(context.database).of_user(user->id);
  if (!there) return std::unexpected(there.error());
  if (*there) {
    return fail("user {} has one-time codes already: `totp reset {}` takes them away, and then they can get new ones",
                user->name, user->name);
  }
  const auto codes = new_codes();
  if (!codes) return std::unexpected(codes.error());
  if (auto stored = store_codes(context, *user, *codes, Codes::first); !stored) return std::unexpected(stored.error());
  return shown_once(context, user->name, arguments.optional("--issuer").value_or("bastion"), *codes);
}

Result<Answer> totp_reset(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto gone = store::SecondFactors(context.database).reset(user->id);
  if (!gone) return std::unexpected(gone.error());
  if (!*gone) return fail("user {} has no one-time codes", user->name);
  return Answer{Sentence{fmt::format("user {} has no one-time codes any more; sessions that were begun with them end",
                                     user->name)},
                user->name};
}

Result<Answer> totp_show(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  store::SecondFactors factors(context.database);
  const auto all = factors.all();
  if (!all) return std::unexpected(all.error());
  store::SecondFactor factor{.user = user->name};
  for (const auto& one : *all) {
    if (one.user == user->name) factor = one;
  }
  return Answer{Record{{{"user", Cell(factor.user)},
                        {"state", state_of(factor)},
                        {"enrolled", timestamp_cell(factor.enrolled_at)},
                        {"last_code", last_used(factor)},
                        {"recovery_codes_left", Cell(factor.recovery_codes)}}}};
}

Result<Answer> totp_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::SecondFactors(context.database).all();
  if (!all) return std::unexpected(all.error());
  Table table{{"user", "state", "enrolled", "last_code", "recovery_codes_left"}, {}, "nobody has one-time codes"};
  for (const auto& one : *all) {
    table.rows.push_back(
        {one.user, state_of(one), timestamp_cell(one.enrolled_at), last_used(one), one.recovery_codes});
  }
  return Answer{std::move(table)};
}

}  // namespace bastion::admin
