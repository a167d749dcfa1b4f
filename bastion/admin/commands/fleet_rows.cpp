#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> fleet_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"fleet list",
       {},
       "Lists the bastions of the fleet. For each it shows how far it is behind, how many sessions it has, and when it "
       "was last seen.",
       reads,
       kAuditor,
       fleet_list},
      {"fleet remove",
       {{"NODE", "", required, "the bastion, as shown by `fleet list`"},
        {"--yes", "", optional, "remove it even if it is up"}},
       "Removes a bastion from the fleet. Nothing can be changed on it any more, and the others no longer ask it "
       "anything.",
       by_itself,
       kAdmin,
       fleet_remove},
  };
}

}  // namespace bastion::admin
