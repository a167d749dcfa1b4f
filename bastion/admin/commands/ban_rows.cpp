#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> ban_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kNetwork = "an address or a network: 192.0.2.7, 192.0.2.0/24, 2001:db8:1:2::/64";
  return {
      {"ban list",
       {},
       "Lists the networks whose connections are refused, because of a ban or of penalties. For penalties (`penalties` "
       "in bastion.toml), it shows the last cause.",
       reads,
       kAuditor,
       ban_list},
      {"ban add",
       {{"NETWORK", "ADDRESS|NETWORK", required, kNetwork, check_network},
        {"--expires", "T", optional,
         "when the ban ends: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; by default it never ends",
         check_timestamp}},
       "Bans an address or a network: its connections are refused from now on. Open sessions stay; `session kill` ends "
       "them. If the ban already exists, it gets the new expiry time.",
       changes,
       kAdmin,
       ban_add,
       ask_server},
      {"ban lift",
       {{"NETWORK", "ADDRESS|NETWORK", required, kNetwork, check_network}},
       "Lifts a ban, and clears the penalties of every address in the network.",
       changes,
       kAdmin,
       ban_lift,
       ask_server},
  };
}

}  // namespace bastion::admin
