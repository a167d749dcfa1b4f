#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> ban_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kNetwork = "an address, or a block of them: 192.0.2.7, 192.0.2.0/24, 2001:db8:1:2::/64";
  return {
      {"ban list",
       {},
       "Lists the networks whose connections are refused: those that are banned, and those that have come to penalties "
       "(`penalties` in bastion.toml), with the last cause.",
       reads,
       kAuditor,
       ban_list},
      {"ban add",
       {{"NETWORK", "ADDRESS|NETWORK", required, kNetwork, check_network},
        {"--expires", "T", optional,
         "until when: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; for good, if it is not given",
         check_timestamp}},
       "Refuses connections from an address or a network, from now on. Sessions that are open stay: see `session "
       "kill`. A ban that is there already gets the new time.",
       changes,
       kAdmin,
       ban_add,
       ask_server},
      {"ban lift",
       {{"NETWORK", "ADDRESS|NETWORK", required, kNetwork, check_network}},
       "Ends a ban, and the penalties of everything in that network.",
       changes,
       kAdmin,
       ban_lift,
       ask_server},
  };
}

}  // namespace bastion::admin
