#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> login_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"route",
       {{"USER", "USER[+CONTAINER]", required, "the login name, as typed before the @", check_target}},
       "Shows the path that a login would take, hop by hop.",
       reads,
       kAuditor,
       route_show},
      {"explain",
       {{"USER", "USER[+CONTAINER]", required, "the login name, as typed before the @", check_target},
        {"--from", "IP", optional, "as if they came from this address", check_ip},
        {"--key", "FINGERPRINT", optional,
         "as if they had this key, given as its fingerprint or as the key itself; by default, any of theirs that is "
         "accepted"},
        {"--wake", "", optional, "start what is stopped on the way, as a login does", nullptr, nullptr, kOperator},
        {"--on", "NODE", optional, "try it from that bastion of the fleet; by default, from this one"}},
       "Tries every step of a user's login, without the user. It shows whether they are let in, where the login leads, "
       "each hop and the container, and the time that each step takes. If a step fails, it shows what the user sees "
       "and why. The exit status says whether the login would succeed.",
       reads,
       kAuditor,
       explain,
       ask_for_explanation},
  };
}

}  // namespace bastion::admin
