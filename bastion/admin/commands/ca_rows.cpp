#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

std::vector<Parameter> what_is_revoked() {
  using enum Parameter::Presence;
  return {
      {"FINGERPRINT", "", one_of, "the key, as shown by `key list` and ssh-keygen -l: SHA256:…"},
      {"--serial", "N", one_of, "the certificates with this serial number; FIRST-LAST is a range"},
      {"--key-id", "KEY-ID", one_of, "the certificates with this key ID: ssh-keygen -I, or `Key ID` in ssh-keygen -L"},
      {"--krl", "FILE", one_of, "everything in a key revocation list made by ssh-keygen -k; - for standard input",
       nullptr, read_krl},
      {"--ca", "CA", optional,
       "only certificates of this CA: its name, or the SHA256:… of a CA that only one user trusts"}};
}

}  // namespace

std::vector<Command> ca_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"ca add",
       {{"NAME", "", required, "the name of the CA on this bastion", check_name},
        {"KEY", "", required, "the public key of the CA: a file, - for standard input, or the key itself"},
        {"--principals", "RULE", repeated,
         "which users its certificates let in: user (the default), each user whose name is a principal; or "
         "PATTERN=USER, this user if a principal matches; may be repeated",
         check_principals},
        {"--create", "", optional,
         "add an account with the role user when somebody without one presents a certificate that names it"},
        {"--roles", "ROLES", optional,
         "let in only accounts with these roles: user, or user,operator; by default, accounts with any role",
         check_ca_roles}},
       "Trusts a CA for users, as TrustedUserCAKeys in sshd_config(5). A user who presents one of its certificates "
       "needs no enrolled key.",
       changes,
       kAdmin,
       ca_add},
      {"ca list", {}, "Lists the CAs that are trusted for users.", reads, kAuditor, ca_list},
      {"ca remove",
       {{"NAME", "", required, "the CA"}},
       "Stops trusting a CA for users, and ends the sessions that were opened with its certificates.",
       changes,
       kAdmin,
       ca_remove},
      {"revoke list", {}, "Lists the revoked keys and certificates.", reads, kAuditor, revoke_list},
      {"revoke lift", what_is_revoked(), "Lifts a revocation.", changes, kAdmin, revoke_lift},
      {"revoke", what_is_revoked(),
       "Revokes a key, alone and in certificates, or certificates of a CA. They no longer let anybody in, and the "
       "sessions that were opened with them end.",
       changes, kAdmin, revoke},
  };
}

}  // namespace bastion::admin
