#include <fmt/format.h>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/cells.h"
#include "store/sign_ons.h"

namespace bastion::admin {

Result<Answer> oidc_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::SignOns(context.database).all();
  if (!all) return std::unexpected(all.error());
  Table table{{"user", "signed_on", "key", "issuer", "subject"}, {}, "nobody has signed on"};
  for (const auto& [user, sign_on] : *all) {
    const auto key = sign_on.key.empty() ? Cell(nullptr) : Cell(sign_on.key);
    table.rows.push_back({user, timestamp_cell(sign_on.signed_at), key, sign_on.issuer, sign_on.subject});
  }
  return Answer{std::move(table)};
}

Result<Answer> oidc_forget(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto forgotten = store::SignOns(context.database).forget(user->id);
  if (!forgotten) return std::unexpected(forgotten.error());
  if (*forgotten == 0) return fail("user {} has signed on nowhere that is remembered", user->name);
  return Answer{
      Sentence{fmt::format("user {} has to sign on again; sessions that were begun with a sign-on end", user->name)},
      user->name};
}

}  // namespace bastion::admin
