#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/access/invitation.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/timestamp.h"
#include "bastion/base/requirement.h"
#include "store/groups.h"
#include "store/invitations.h"
#include "store/shares.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

constexpr std::string_view kADay = "24h";

// The one of that name, who may be made by this.
Result<store::User> whom_to_invite(Context& context, const std::string& name) {
  store::Users users(context.database);
  auto found = users.find(name);
  if (!found) return std::unexpected(std::move(found.error()));
  if (*found) return **std::move(found);
  const auto id = users.add(name, store::Role::user, context.now);
  if (!id) return std::unexpected(id.error());
  return store::User{.id = *id, .name = name};
}

// What an invitation would be of no use for.
std::optional<Error> objection_to(const store::User& user) {
  if (user.disabled_at) return Error{fmt::format("user {} is disabled: `user enable {}`", user.name, user.name)};
  const auto needs = parse_requirement(user.auth.empty() ? kDefaultRequirement : std::string_view(user.auth));
  const auto takes_keys = [](const Requirement::Alternative& one) {
    return std::ranges::find(one, Factor::publickey) != one.end();
  };
  if (!needs || std::ranges::any_of(needs->alternatives, takes_keys)) return std::nullopt;
  return Error{fmt::format("user {} needs {} to log in, which a key of their own is no part of: `user set {} --auth`",
                           user.name, user.auth, user.name)};
}

Result<std::int64_t> end_of_invitation(const Context& context, const Arguments& arguments) {
  const auto text = arguments.optional("--expires").value_or(std::string(kADay));
  const auto end = parse_timestamp(text, context.now);
  if (!end) return end;
  if (*end <= context.now) return fail("{} is past: nobody could take the invitation", text);
  return end;
}

Result<> give(Context& context, const store::User& user, const Arguments& arguments) {
  for (const auto& name : arguments.all("--group")) {
    const auto group = find_group(context, name);
    if (!group) return std::unexpected(group.error());
    if (auto joined = store::Groups(context.database).join(group->id, user.id); !joined) {
      return std::unexpected(joined.error());
    }
  }
  for (const auto& name : arguments.all("--container")) {
    const auto container = find_container(context, name);
    if (!container) return std::unexpected(container.error());
    if (container->owner == user.id) continue;
    if (auto shared = store::Shares(context.database).add(container->id, user.id, std::nullopt); !shared) {
      return std::unexpected(shared.error());
    }
  }
  return {};
}

Answer invitation_page(const store::User& user, const std::string& login, std::int64_t expires_at) {
  return Answer{Lines{.name = "invitation",
                      .lines = {fmt::format("{} is invited until {}. They log in once with a key of their own, by",
                                            user.name, text_of_timestamp(expires_at)),
                                fmt::format("  ssh {}@BASTION", login),
                                "with the name or address of this bastion behind the @; with PuTTY or WinSCP the user "
                                "name is what stands",
                                "before it. This is good once, whoever has it may use it, and it is not shown again."}},
                user.name};
}

}  // namespace

Result<Answer> invite(Context& context, const Arguments& arguments) {
  const auto end = end_of_invitation(context, arguments);
  if (!end) return std::unexpected(end.error());
  const auto user = whom_to_invite(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  if (auto why = objection_to(*user)) return std::unexpected(*std::move(why));
  if (auto given = give(context, *user, arguments); !given) return std::unexpected(given.error());
  const auto word = access::new_invitation();
  if (!word) return std::unexpected(word.error());
  const store::Invitation invitation{
      .user = user->id, .made_by = context.actor, .made_at = context.now, .expires_at = *end};
  store::Invitations invitations(context.database);
  if (auto made = invitations.make(invitation, access::hash_of_invitation(*word)); !made) {
    return std::unexpected(made.error());
  }
  const auto login = fmt::format("{}+{}", access::kInvite, *word);
  if (!context.is_for_programs) return invitation_page(*user, login, *end);
  return Answer{Record{{{"user", Cell(user->name)}, {"login", Cell(login)}, {"expires", timestamp_cell(*end)}}},
                user->name};
}

Result<Answer> invite_list(Context& context, const Arguments& /*arguments*/) {
  const auto all = store::Invitations(context.database).all(context.now);
  if (!all) return std::unexpected(all.error());
  Table table{{"user", "made_by", "made", "expires"}, {}, "nobody is invited"};
  for (const auto& one : *all) {
    table.rows.push_back({one.user_name, one.made_by, timestamp_cell(one.made_at), timestamp_cell(one.expires_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> invite_revoke(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(user.error());
  const auto gone = store::Invitations(context.database).take_back(user->id, context.now);
  if (!gone) return std::unexpected(gone.error());
  if (!*gone) return fail("user {} has no invitation", user->name);
  return Answer{Sentence{fmt::format("the invitation of {} is good no more", user->name)}, user->name};
}

}  // namespace bastion::admin
