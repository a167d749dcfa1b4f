#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> invite_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"invite list", {}, "Lists the invitations that nobody has taken yet.", reads, kAuditor, invite_list},
      {"invite revoke",
       {{"USER", "", required, "whom it is for"}},
       "Takes an invitation back: its word is good no more. Their account stays.",
       changes,
       kOperator,
       invite_revoke},
      {"invite",
       {{"NAME", "", required, "whom it is for; an account is added where there is none of that name", check_user_name},
        {"--expires", "T", optional,
         "until when: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; 24h, if it is not given",
         check_timestamp},
        {"--group", "G", repeated, "a group that they are in from now on"},
        {"--container", "C", repeated, "a container that is shared with them from now on, as `name` or `owner/name`"}},
       "Invites somebody to come with a key of their own: prints what they type to have it enrolled, which is good "
       "once and shown once. A second invitation takes the place of the first.",
       changes,
       kOperator,
       invite},
  };
}

}  // namespace bastion::admin
