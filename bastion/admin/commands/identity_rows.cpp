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
         "a backend, or a container as `name` or `owner/name`: adds the options that are right for it, such as "
         "`permitopen`"},
        {"--ca", "", optional,
         "show the public key of the bastion's CA instead, for TrustedUserCAKeys in sshd_config(5)"}},
       "Shows the public key to install on backends and containers, in the format of authorized_keys.",
       reads,
       kAuditor,
       identity_show},
  };
}

}  // namespace bastion::admin
