#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/commands/record_policy.h"
#include "bastion/admin/commands/sftp_policy.h"
#include "bastion/admin/grammar/confirmation.h"
#include "bastion/admin/manifest/cells.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/some_of.h"
#include "store/groups.h"
#include "store/record_policies.h"
#include "store/sftp_policies.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

Table one_column(const char* name, const std::vector<std::string>& values) {
  Table table{{name}, {}};
  for (const auto& value : values) table.rows.push_back({value});
  return table;
}

struct Membership {
  store::Group group;
  store::User user;
};

Result<Membership> membership_in(Context& context, const Arguments& arguments) {
  auto group = find_group(context, arguments.text("GROUP"));
  if (!group) return std::unexpected(std::move(group.error()));
  auto user = find_user(context, arguments.text("USER"));
  if (!user) return std::unexpected(std::move(user.error()));
  return Membership{*std::move(group), *std::move(user)};
}

std::string subject_of_membership(const Membership& one) { return fmt::format("{} {}", one.group.name, one.user.name); }

}  // namespace

Result<Answer> group_add(Context& context, const Arguments& arguments) {
  const auto& name = arguments.text("NAME");
  const auto added = store::Groups(context.database).add(name, context.now);
  if (!added) return std::unexpected(added.error());
  if (auto set = set_sftp(context, arguments, *added, &store::SftpPolicies::set_group); !set)
    return std::unexpected(set.error());
  return Answer{Sentence{fmt::format("group {} added; `group join {} USER` puts somebody in it", name, name)},
                name + sftp_in(arguments)};
}

Result<Answer> group_list(Context& context, const Arguments& /*arguments*/) {
  const auto groups = store::Groups(context.database).all();
  if (!groups) return std::unexpected(groups.error());
  Table table{{"name", "members", "containers", "backends", "created"}, {}, "no groups"};
  for (const auto& [group, members, shares, backends] : *groups) {
    table.rows.push_back({group.name, members, shares, backends, timestamp_cell(group.created_at)});
  }
  return Answer{std::move(table)};
}

Result<Answer> group_show(Context& context, const Arguments& arguments) {
  const auto group = find_group(context, arguments.text("NAME"));
  if (!group) return std::unexpected(group.error());
  store::Groups groups(context.database);
  const auto members = groups.members(group->id);
  if (!members) return std::unexpected(members.error());
  const auto containers = groups.containers_of(group->id);
  if (!containers) return std::unexpected(containers.error());
  const auto backends = groups.backends_of(group->id);
  if (!backends) return std::unexpected(backends.error());
  const auto sftp = store::SftpPolicies(context.database).of_group(group->id);
  if (!sftp) return std::unexpected(sftp.error());
  const auto record = store::RecordPolicies(context.database).of_group(group->id);
  if (!record) return std::unexpected(record.error());
  return Answer{Record{{{"name", Cell(group->name)},
                        {"sftp", Cell(*sftp)},
                        {"created", timestamp_cell(group->created_at)},
                        {"record", record_cell(*record)},
                        {"members", one_column("user", *members)},
                        {"containers", one_column("container", *containers)},
                        {"backends", one_column("backend", *backends)}}}};
}

Result<Answer> group_set(Context& context, const Arguments& arguments) {
  const auto group = find_group(context, arguments.text("NAME"));
  if (!group) return std::unexpected(group.error());
  if (auto set = set_sftp(context, arguments, group->id, &store::SftpPolicies::set_group); !set)
    return std::unexpected(set.error());
  if (auto set = set_record(context, arguments, group->id, &store::RecordPolicies::set_group); !set)
    return std::unexpected(set.error());
  return Answer{Sentence{fmt::format("group {} changed", group->name)},
                group->name + sftp_in(arguments) + record_in(arguments)};
}

Result<Answer> group_remove(Context& context, const Arguments& arguments) {
  const auto group = find_group(context, arguments.text("NAME"));
  if (!group) return std::unexpected(group.error());
  store::Groups groups(context.database);
  const auto containers = groups.containers_of(group->id);
  if (!containers) return std::unexpected(containers.error());
  if (!containers->empty() && !arguments.given(kYesOption)) {
    return ask_for_yes(
        context, fmt::format("Remove {}, with which {} is shared?", group->name, some_of(*containers)),
        fmt::format("{} is shared with group {}: --yes takes that back too", some_of(*containers), group->name));
  }
  if (auto removed = groups.remove(*group); !removed) return std::unexpected(removed.error());
  return Answer{Sentence{fmt::format("group {} removed", group->name)}, group->name};
}

Result<Answer> group_join(Context& context, const Arguments& arguments) {
  const auto one = membership_in(context, arguments);
  if (!one) return std::unexpected(one.error());
  const auto joined = store::Groups(context.database).join(one->group.id, one->user.id);
  if (!joined) return std::unexpected(joined.error());
  return Answer{Sentence{fmt::format("user {} {} group {}", one->user.name, *joined ? "is in" : "was already in",
                                     one->group.name)},
                subject_of_membership(*one)};
}

Result<Answer> group_leave(Context& context, const Arguments& arguments) {
  const auto one = membership_in(context, arguments);
  if (!one) return std::unexpected(one.error());
  const auto left = store::Groups(context.database).leave(one->group.id, one->user.id);
  if (!left) return std::unexpected(left.error());
  if (!*left) return fail("user {} is not in group {}", one->user.name, one->group.name);
  return Answer{Sentence{fmt::format("user {} is no longer in group {}", one->user.name, one->group.name)},
                subject_of_membership(*one)};
}

}  // namespace bastion::admin
