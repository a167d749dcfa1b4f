#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> identity_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"identity show",
       {{"HOST", "", optional,
         "a backend, or a container as `name` or `owner/name`: with the options that fit there, as `permitopen`"},
        {"--ca", "", optional, "the key of the CA instead, for TrustedUserCAKeys of sshd_config(5)"}},
       "Shows the public key to install on backends and containers, ready for authorized_keys.",
       reads,
       kAuditor,
       identity_show},
  };
}

}  // namespace bastion::admin
