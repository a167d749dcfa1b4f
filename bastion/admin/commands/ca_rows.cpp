#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

std::vector<Parameter> what_is_revoked() {
  using enum Parameter::Presence;
  return {{"FINGERPRINT", "", one_of, "the key, as `key list` and ssh-keygen -l show it: SHA256:…"},
          {"--serial", "N", one_of, "the certificates with this serial number, or FIRST-LAST: these serial numbers"},
          {"--key-id", "KEY-ID", one_of,
           "the certificates that are called so: ssh-keygen -I, and `Key ID` in ssh-keygen -L"},
          {"--krl", "FILE", one_of,
           "all that stands in a key revocation list of ssh-keygen -k, or - for standard input", nullptr, read_krl},
          {"--ca", "CA", optional, "of this CA: its name, or the SHA256:… of one that only a user trusts"}};
}

}  // namespace

std::vector<Command> ca_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"ca add",
       {{"NAME", "", required, "what it is called here", check_name},
        {"KEY", "", required, "the public key of the CA: a file, - for standard input, or the key itself"},
        {"--principals", "RULE", repeated,
         "whom its certificates let in: user, each user by a principal that is their name (if it is not given); or "
         "PATTERN=USER, this user by a principal that matches; may be given more than once",
         check_principals},
        {"--create", "", optional,
         "who has no account gets one, with the role user, when they come with a certificate that names it"},
        {"--roles", "ROLES", optional,
         "the only accounts that its certificates let in, by their role: user, or user,operator; whichever they have, "
         "if it is not given",
         check_ca_roles}},
       "Trusts a CA for users, as TrustedUserCAKeys does in sshd_config: who shows a certificate of it needs no key "
       "that was added.",
       changes,
       kAdmin,
       ca_add},
      {"ca list", {}, "Lists the CAs whose certificates let users in.", reads, kAuditor, ca_list},
      {"ca remove",
       {{"NAME", "", required, "the CA"}},
       "Trusts a CA no longer, and ends the sessions that were begun with its certificates.",
       changes,
       kAdmin,
       ca_remove},
      {"revoke list", {}, "Lists the keys and certificates that are revoked.", reads, kAuditor, revoke_list},
      {"revoke lift", what_is_revoked(), "Ends what `revoke` began.", changes, kAdmin, revoke_lift},
      {"revoke", what_is_revoked(),
       "Revokes a key, with a certificate and without, or certificates of a CA: they let nobody in any more, and the "
       "sessions that were begun with them end.",
       changes, kAdmin, revoke},
  };
}

}  // namespace bastion::admin
