#include <fmt/format.h>

#include <string>

#include "bastion/admin/commands/given_password.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/cells.h"
#include "store/passwords.h"

namespace bastion::admin {
namespace {

Cell state_of(const std::optional<store::Password>& password) {
  if (!password) return "none";
  return password->must_change ? "has to be changed" : "set";
}

// Nobody sees again what was made.
Answer answer_with(const Context& context, const std::string& user, const std::string& made, bool keeps) {
  if (context.is_for_programs) {
    return {Record{{{"user", Cell(user)}, {"password", Cell(made)}, {"has_to_be_changed", Cell(!keeps)}}}, user};
  }
  Lines lines{.name = "password", .lines = {made, ""}};
  lines.lines.push_back(fmt::format("The password of {}{}. It is not shown again.", user,
                                    keeps ? "" : ", who has to choose another one at the first login"));
  return {std::move(lines), user};
}

}  // namespace

Result<Answer> password_set(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto& password = *arguments.password();
  const bool keeps = arguments.given("--keep");
  if (auto stored = store_password(context, user->id, password, keeps); !stored) {
    return std::unexpected(stored.error());
  }
  if (password.is_made) return answer_with(context, user->name, password.text, keeps);
  return Answer{Sentence{fmt::format("user {} has this password now{}", user->name,
                                     keeps ? "" : ", and has to choose another one at the first login")},
                user->name};
}

Result<Answer> password_remove(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto gone = store::Passwords(context.database).remove(user->id);
  if (!gone) return std::unexpected(gone.error());
  if (!*gone) return fail("user {} has no password", user->name);
  return Answer{
      Sentence{fmt::format("user {} has no password any more; sessions that were begun with it end", user->name)},
      user->name};
}

Result<Answer> password_show(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto password = store::Passwords(context.database).of_user(user->id);
  if (!password) return std::unexpected(password.error());
  const auto since = *password ? std::optional((*password)->set_at) : std::nullopt;
  return Answer{Record{{{"user", Cell(user->name)}, {"state", state_of(*password)}, {"set", timestamp_cell(since)}}}};
}

}  // namespace bastion::admin
