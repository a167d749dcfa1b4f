#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> group_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"group add",
       {{"NAME", "", required, "the name of the group", check_name}, sftp_option(optional)},
       "Adds a group of users, without members.",
       changes,
       kOperator,
       group_add},
      {"group list",
       {},
       "Lists the groups. For each it shows how many members it has, how many containers are shared with it, and how "
       "many backends serve it.",
       reads,
       kAuditor,
       group_list},
      {"group show",
       {{"NAME", "", required, "the group"}},
       "Shows a group with its members, the containers that are shared with it and the backends that serve it.",
       reads,
       kAuditor,
       group_show},
      {"group set",
       {{"NAME", "", required, "the group"}, sftp_option(some_of), record_option(some_of)},
       "Changes the settings of a group.",
       changes,
       kOperator,
       group_set},
      {"group join",
       {{"GROUP", "", required, "the group"}, {"USER", "", required, "the user who joins it"}},
       "Adds a user to a group.",
       changes,
       kOperator,
       group_join},
      {"group leave",
       {{"GROUP", "", required, "the group"}, {"USER", "", required, "the user who leaves it"}},
       "Removes a user from a group, and ends the sessions that the membership allowed.",
       changes,
       kOperator,
       group_leave},
      {"group remove",
       {{"NAME", "", required, "the group"},
        {"--yes", "", optional, "remove it even if containers are shared with it"}},
       "Removes a group, and ends the sessions that membership allowed. If it is the only group of a backend, change "
       "the groups of that backend first.",
       changes,
       kOperator,
       group_remove},
  };
}

}  // namespace bastion::admin
