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
       {{"NAME", "", required, "what it is called", check_name}, sftp_option(optional)},
       "Adds a group of users, with nobody in it.",
       changes,
       kOperator,
       group_add},
      {"group list",
       {},
       "Lists the groups, with how many users are in each, how many containers are shared with it and how many "
       "backends serve it.",
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
       "Changes a group.",
       changes,
       kOperator,
       group_set},
      {"group join",
       {{"GROUP", "", required, "the group"}, {"USER", "", required, "who is in it from then on"}},
       "Puts a user into a group.",
       changes,
       kOperator,
       group_join},
      {"group leave",
       {{"GROUP", "", required, "the group"}, {"USER", "", required, "who is not in it any more"}},
       "Takes a user out of a group, and ends the sessions that they had by it.",
       changes,
       kOperator,
       group_leave},
      {"group remove",
       {{"NAME", "", required, "the group"}, {"--yes", "", optional, "although containers are shared with it"}},
       "Removes a group, and ends the sessions that its members had by it. A backend that serves no other group has to "
       "be told first whom it serves.",
       changes,
       kOperator,
       group_remove},
  };
}

}  // namespace bastion::admin
