#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> login_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"route",
       {{"USER", "USER[+CONTAINER]", required, "as it would stand before the @", check_target}},
       "Shows the path a login would take, hop by hop.",
       reads,
       kAuditor,
       route_show},
      {"explain",
       {{"USER", "USER[+CONTAINER]", required, "as it would stand before the @", check_target},
        {"--from", "IP", optional, "as if they came from there", check_ip},
        {"--key", "FINGERPRINT", optional,
         "as if they had this key, which may also be given itself; any of theirs that is accepted, if it is not given"},
        {"--wake", "", optional, "start what sleeps on the way, as a login does", nullptr, nullptr, kOperator},
        {"--on", "NODE", optional, "at that bastion of the fleet; this one, if it is not given"}},
       "Tries every step of a login, without a user: whether they are let in, where it leads, each hop and the "
       "container, with the time each took; where it stops, what the user sees and why. The exit status says whether "
       "the login would succeed.",
       reads,
       kAuditor,
       explain,
       ask_for_explanation},
  };
}

}  // namespace bastion::admin
