#include <fmt/format.h>

#include <string>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/auth/password.h"
#include "bastion/auth/password_hash.h"
#include "store/passwords.h"

namespace bastion::admin {
namespace {

// One line, without its end.
Result<std::string> password_on_standard_input(const Context& context) {
  auto text = context.read_input();
  if (!text) return text;
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  if (const auto why = auth::objection_to_password(*text)) return fail("standard input: {}", why->text);
  return text;
}

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
  const bool is_given = arguments.given("PASSWORD");
  const bool keeps = arguments.given("--keep");
  const auto password = is_given ? password_on_standard_input(context) : auth::new_password();
  if (!password) return std::unexpected(password.error());
  const auto hash = auth::hash_of_password(*password);
  if (!hash) return std::unexpected(hash.error());
  const auto set = store::Passwords(context.database).set(user->id, *hash, !keeps, context.now);
  if (!set) return std::unexpected(set.error());
  if (!is_given) return answer_with(context, user->name, *password, keeps);
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
