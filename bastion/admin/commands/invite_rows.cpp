#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> invite_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"invite list", {}, "Lists the open invitations.", reads, kAuditor, invite_list},
      {"invite revoke",
       {{"USER", "", required, "the invited user"}},
       "Revokes an invitation. Its word is no longer accepted; the account of the user stays.",
       changes,
       kOperator,
       invite_revoke},
      {"invite",
       {{"NAME", "", required, "the user to invite; if there is no account with this name, it is added",
         check_user_name},
        {"--expires", "T", optional,
         "when the invitation expires: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; 24h by default",
         check_timestamp},
        {"--group", "G", repeated, "a group to add them to now"},
        {"--container", "C", repeated, "a container to share with them now, as `name` or `owner/name`"}},
       "Invites a user to enrol a key of their own. The answer is the command that they type: it is shown once and "
       "works once. A second invitation for the same user replaces the first.",
       changes,
       kOperator,
       invite},
  };
}

}  // namespace bastion::admin
