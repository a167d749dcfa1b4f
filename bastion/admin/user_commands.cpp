#include <fmt/format.h>

#include "bastion/admin/handlers.h"
#include "bastion/admin/new_key.h"
#include "bastion/admin/tables.h"
#include "store/containers.h"
#include "store/keys.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

Cell state_of(const store::User& user) { return user.disabled_at ? "disabled" : "active"; }

std::vector<std::string> names_of(const std::vector<store::Container>& containers) {
  std::vector<std::string> names;
  names.reserve(containers.size());
  for (const auto& container : containers) names.push_back(container.full_name());
  return names;
}

}  // namespace

Result<Answer> user_add(Context& context, const Arguments& arguments) {
  const auto& name = arguments.text("NAME");
  const auto role = store::role_of(arguments.optional("--role").value_or("user")).value_or(store::Role::user);
  const auto id = store::Users(context.database).add(name, role, context.now);
  if (!id) return std::unexpected(id.error());
  store::Keys keys(context.database);
  for (const auto& key : arguments.keys("--key")) {
    if (auto added = keys.add(*id, new_key(key, context.now)); !added) return std::unexpected(added.error());
  }
  if (arguments.keys("--key").empty()) {
    return Answer{
        Sentence{fmt::format("user {} added; nobody can log in as {} before `key add {} KEY`", name, name, name)},
        name};
  }
  return Answer{Sentence{fmt::format("user {} added", name)}, name};
}

Result<Answer> user_list(Context& context, const Arguments& /*arguments*/) {
  const auto users = store::Users(context.database).all();
  if (!users) return std::unexpected(users.error());
  store::Keys all_keys(context.database);
  store::Containers all_containers(context.database);
  Table table{{"name", "role", "state", "keys", "containers", "created"}, {}};
  for (const auto& user : *users) {
    const auto keys = all_keys.of_user(user.id);
    if (!keys) return std::unexpected(keys.error());
    const auto containers = all_containers.of_owner(user.id);
    if (!containers) return std::unexpected(containers.error());
    table.rows.push_back({user.name, text_of(user.role), state_of(user), keys->size(), containers->size(),
                          moment_cell(user.created_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> user_show(Context& context, const Arguments& arguments) {
  const auto user = store::Users(context.database).get(arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto keys = store::Keys(context.database).of_user(user->id);
  if (!keys) return std::unexpected(keys.error());
  const auto containers = store::Containers(context.database).open_to(user->id, context.now);
  if (!containers) return std::unexpected(containers.error());
  return Answer{Record{{{"name", Cell(user->name)},
                        {"role", Cell(text_of(user->role))},
                        {"state", state_of(*user)},
                        {"created", moment_cell(user->created_at)},
                        {"keys", table_of(*keys)},
                        {"containers", table_of(*containers)}}}};
}

Result<Answer> user_remove(Context& context, const Arguments& arguments) {
  store::Users users(context.database);
  const auto user = users.get(arguments.text("NAME"));
  if (!user) return std::unexpected(user.error());
  const auto owned = store::Containers(context.database).of_owner(user->id);
  if (!owned) return std::unexpected(owned.error());
  if (!owned->empty()) {
    return fail("user {} still owns {}: remove that first", user->name, some_of(names_of(*owned)));
  }
  if (auto removed = users.remove(user->id); !removed) return std::unexpected(removed.error());
  return Answer{Sentence{fmt::format("user {} removed", user->name)}, user->name};
}

}  // namespace bastion::admin
