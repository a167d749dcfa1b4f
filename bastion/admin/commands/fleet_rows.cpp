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
       "Lists the bastions of the fleet, with how far each is behind, how many sessions run there, and when it was "
       "seen last.",
       reads,
       kAuditor,
       fleet_list},
      {"fleet remove",
       {{"NODE", "", required, "as `fleet list` shows it"}, {"--yes", "", optional, "also one that is there"}},
       "Takes a bastion out of the fleet: nothing can be changed there any more, and it is asked nothing.",
       by_itself,
       kAdmin,
       fleet_remove},
  };
}

}  // namespace bastion::admin
