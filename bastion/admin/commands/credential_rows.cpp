#include "bastion/admin/commands/given_password.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> credential_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"totp enroll",
       {{"NAME", "", required, "the user"},
        {"--issuer", "TEXT", optional, "what the phone calls this bastion; bastion by default", check_name}},
       "Enrols a user for one-time codes, and shows the secret once: as a QR code for their phone and as text, with "
       "ten recovery codes. The setting --auth of the user decides whether they are asked for a code: publickey+totp.",
       changes,
       kOperator,
       totp_enroll,
       ask_server},
      {"totp reset",
       {{"NAME", "", required, "the user"}},
       "Removes a user's one-time codes and recovery codes, and ends the sessions that were opened with them.",
       changes,
       kOperator,
       totp_reset},
      {"totp show",
       {{"NAME", "", required, "the user"}},
       "Shows whether a user has one-time codes, when the last one was used, and how many recovery codes are left.",
       reads,
       kAuditor,
       totp_show},
      {"totp list", {}, "Lists the users who have one-time codes.", reads, kAuditor, totp_list},
      {.words = "password set",
       .parameters = {{"NAME", "", required, "the user"},
                      {"PASSWORD", "-", optional,
                       "- to read the password from standard input; without it, a password is generated and shown once",
                       check_standard_input},
                      {"--keep", "", optional, "do not require a new password at the first login"}},
       .help = "Sets a user's password, and ends the sessions that were opened with the old one. The setting --auth of "
               "the user decides whether the password lets them in: publickey+password, or password.",
       .effect = changes,
       .role = kOperator,
       .handler = password_set,
       .password = typed_or_made_password},
      {"password remove",
       {{"NAME", "", required, "the user"}},
       "Removes a user's password, and ends the sessions that were opened with it.",
       changes,
       kOperator,
       password_remove},
      {"password show",
       {{"NAME", "", required, "the user"}},
       "Shows whether a user has a password, when it was set, and whether they have to change it.",
       reads,
       kAuditor,
       password_show},
      {"oidc list",
       {},
       "Lists the known sign-ons: who signed on at the issuer, when, and with which key. The sign-on may be remembered "
       "for that key (`oidc_remember`).",
       reads,
       kAuditor,
       oidc_list},
      {"oidc forget",
       {{"NAME", "", required, "the user"}},
       "Forgets a user's sign-ons, and ends the sessions that were opened with them. The user has to sign on again.",
       changes,
       kOperator,
       oidc_forget},
  };
}

}  // namespace bastion::admin
