#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

#include "bastion/access/landing.h"
#include "bastion/admin/commands/given_password.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/record_policy.h"
#include "bastion/admin/commands/sftp_policy.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/grammar/page.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/new_key.h"
#include "bastion/admin/manifest/some_of.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/keys.h"
#include "store/record_policies.h"
#include "store/second_factors.h"
#include "store/sftp_policies.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

Cell state_of(const store::User& user) { return user.disabled_at ? "disabled" : "active"; }

// What the command line says about a user, put into what the store has.
void describe(store::User& user, const Arguments& arguments) {
  if (const auto role = arguments.optional("--role")) user.role = store::role_of(*role).value_or(user.role);
  if (const auto options = arguments.optional("--options")) user.options = options_of(*options);
  if (const auto limit = arguments.optional("--idle-timeout")) user.idle_timeout = limit_of(*limit);
  if (const auto limit = arguments.optional("--max-session")) user.max_session = limit_of(*limit);
  if (const auto cap = arguments.optional("--max-sessions")) user.caps.sessions = cap_of(*cap);
  if (const auto cap = arguments.optional("--max-logins")) user.caps.logins = cap_of(*cap);
  if (const auto cap = arguments.optional("--max-rekeys")) user.caps.rekeys = cap_of(*cap);
  if (const auto cap = arguments.optional("--max-bytes")) user.caps.bytes = cap_of(*cap);
  if (const auto auth = arguments.optional("--auth")) user.auth = auth_of(*auth);
}

Result<> give_password(Context& context, const Arguments& arguments, std::int64_t user) {
  if (!arguments.password()) return {};
  return store_password(context, user, *arguments.password(), false);
}

Result<> remove_all(Context& context, const std::vector<store::Container>& containers) {
  store::Containers all(context.database);
  for (const auto& container : containers) {
    if (auto removed = all.remove(container.id); !removed) return removed;
  }
  return {};
}

}  // namespace

Result<Answer> user_add(Context& context, const Arguments& arguments) {
  const auto& name = arguments.text("NAME");
  store::Users users(context.database);
  const auto id = users.add(name, store::Role::user, context.now);
  if (!id) return std::unexpected(id.error());
  store::User user{.id = *id, .name = name};
  describe(user, arguments);
  if (auto updated = users.update(user); !updated) return std::unexpected(updated.error());
  if (auto set = set_sftp(context, arguments, user.id, &store::SftpPolicies::set_user); !set)
    return std::unexpected(set.error());
  if (auto set = set_record(context, arguments, user.id, &store::RecordPolicies::set_user); !set)
    return std::unexpected(set.error());
  store::Keys keys(context.database);
  for (const auto& key : arguments.keys("--key")) {
    if (auto added = keys.add(*id, new_key(key.named, context.now, key.options)); !added) {
      return std::unexpected(added.error());
    }
  }
  if (auto given = give_password(context, arguments, *id); !given) return std::unexpected(given.error());
  if (arguments.password()) {
    return Answer{
        Sentence{fmt::format("user {} added; the password has to be changed at the first login, and counts where "
                             "--auth asks for it",
                             name)},
        name};
  }
  if (arguments.keys("--key").empty()) {
    return Answer{
        Sentence{fmt::format("user {} added; nobody can log in as {} before `key add {} KEY`", name, name, name)},
        name + sftp_in(arguments) + record_in(arguments)};
  }
  return Answer{Sentence{fmt::format("user {} added", name)}, name + sftp_in(arguments) + record_in(arguments)};
}

Result<Answer> user_list(Context& context, const Arguments& arguments) {
  const PageWanted page(context, arguments);
  const auto users = store::Users(context.database).summaries(page.after(), page.rows());
  if (!users) return std::unexpected(users.error());
  Table table{{"name", "role", "state", "groups", "keys", "containers", "created"}, {}, "no users"};
  for (const auto& [user, keys, containers, groups] : *users) {
    table.rows.push_back({user.name, text_of(user.role), state_of(user), groups.empty() ? Cell(nullptr) : Cell(groups),
                          keys, containers, timestamp_cell(user.created_at)});
  }
  return page.answer(std::move(table), [](const std::vector<Cell>& row) { return row[0].get<std::string>(); });
}

Result<Answer> user_show(Context& context, const Arguments& arguments) {
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto keys = store::Keys(context.database).of_user(user->id);
  if (!keys) return std::unexpected(keys.error());
  const auto groups = store::Groups(context.database).of_user(user->id);
  if (!groups) return std::unexpected(groups.error());
  auto containers = store::Containers(context.database).open_to({user->id, user->name}, context.now);
  if (!containers) return std::unexpected(containers.error());
  const auto* const landing = access::landing(*containers, user->id);
  for (auto& container : *containers) container.is_plain_login = &container == landing;
  const auto codes = store::SecondFactors(context.database).of_user(user->id);
  if (!codes) return std::unexpected(codes.error());
  const auto sftp = store::SftpPolicies(context.database).of_user(user->id);
  if (!sftp) return std::unexpected(sftp.error());
  const auto recorded = store::RecordPolicies(context.database).of_user(user->id);
  if (!recorded) return std::unexpected(recorded.error());
  Record record{{{"name", Cell(user->name)},
                 {"role", Cell(text_of(user->role))},
                 {"state", state_of(*user)},
                 {"groups", groups->empty() ? Cell(nullptr) : Cell(fmt::format("{}", fmt::join(*groups, ", ")))},
                 {"options", options_cell(user->options)},
                 {"idle_timeout", limit_cell(user->idle_timeout)},
                 {"max_session", limit_cell(user->max_session)},
                 {"max_sessions", cap_cell(user->caps.sessions)},
                 {"max_logins", cap_cell(user->caps.logins)},
                 {"max_rekeys", cap_cell(user->caps.rekeys)},
                 {"max_bytes", cap_cell(user->caps.bytes)},
                 {"auth", auth_cell(user->auth)},
                 {"sftp", Cell(*sftp)},
                 {"record", record_cell(*recorded)},
                 {"one_time_codes", Cell(*codes ? "enrolled" : "none")},
                 {"created", timestamp_cell(user->created_at)},
                 {"keys", table_of(*keys)},
                 {"containers", table_of(*containers)}}};
  if (!context.key_command.empty()) {
    record.fields.insert(record.fields.end() - 2, {"authorized_keys_command", Cell(context.key_command)});
  }
  return Answer{std::move(record)};
}

Result<Answer> user_set(Context& context, const Arguments& arguments) {
  store::Users users(context.database);
  auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  describe(*user, arguments);
  if (auto updated = users.update(*user); !updated) return std::unexpected(updated.error());
  if (auto given = give_password(context, arguments, user->id); !given) return std::unexpected(given.error());
  if (auto set = set_sftp(context, arguments, user->id, &store::SftpPolicies::set_user); !set)
    return std::unexpected(set.error());
  if (auto set = set_record(context, arguments, user->id, &store::RecordPolicies::set_user); !set)
    return std::unexpected(set.error());
  return Answer{
      Sentence{fmt::format("user {} changed{}", user->name,
                           arguments.password() ? ", and has to choose another password at the first login" : "")},
      user->name + sftp_in(arguments) + record_in(arguments)};
}

Result<Answer> user_disable(Context& context, const Arguments& arguments) {
  store::Users users(context.database);
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  if (user->disabled_at) return Answer{Sentence{fmt::format("user {} was disabled already", user->name)}, user->name};
  if (auto disabled = users.disable(user->id, context.now); !disabled) return std::unexpected(disabled.error());
  return Answer{Sentence{fmt::format("user {} disabled", user->name)}, user->name};
}

Result<Answer> user_enable(Context& context, const Arguments& arguments) {
  store::Users users(context.database);
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  if (!user->disabled_at) return Answer{Sentence{fmt::format("user {} was not disabled", user->name)}, user->name};
  if (auto enabled = users.enable(user->id); !enabled) return std::unexpected(enabled.error());
  return Answer{Sentence{fmt::format("user {} enabled", user->name)}, user->name};
}

Result<Answer> user_remove(Context& context, const Arguments& arguments) {
  store::Users users(context.database);
  const auto user = find_user(context, arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto owned = store::Containers(context.database).of_owner(user->id);
  if (!owned) return std::unexpected(owned.error());
  const auto names = names_of(*owned);
  if (!owned->empty() && !arguments.given(kYesOption)) {
    return ask_for_yes(context, fmt::format("Remove {} and {}?", user->name, some_of(names)),
                       fmt::format("user {} still owns {}: --yes removes that too", user->name, some_of(names)));
  }
  if (auto removed = remove_all(context, *owned); !removed) return std::unexpected(removed.error());
  if (auto removed = users.remove(user->id); !removed) return std::unexpected(removed.error());
  return removed_with("user", user->name, names);
}

}  // namespace bastion::admin
