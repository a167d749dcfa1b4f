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
        {"--issuer", "TEXT", optional, "what the phone calls this bastion; bastion, if it is not given", check_name}},
       "Gives a user one-time codes, and shows once what makes them: a QR code for their phone, the secret, and ten "
       "recovery codes. Whether they are asked for one is said by --auth: publickey+totp.",
       changes,
       kOperator,
       totp_enroll,
       ask_server},
      {"totp reset",
       {{"NAME", "", required, "the user"}},
       "Takes a user's one-time codes and recovery codes away, and ends the sessions that were begun with them.",
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
                       "- and the password on standard input; without it, one is made and shown once",
                       check_standard_input},
                      {"--keep", "", optional, "they need not change it when they log in first"}},
       .help = "Gives a user a password in the place of the one before, and ends the sessions that were begun with "
               "that one. Whether it lets them in is said by --auth: publickey+password, or password.",
       .effect = changes,
       .role = kOperator,
       .handler = password_set,
       .password = typed_or_made_password},
      {"password remove",
       {{"NAME", "", required, "the user"}},
       "Takes a user's password away, and ends the sessions that were begun with it.",
       changes,
       kOperator,
       password_remove},
      {"password show",
       {{"NAME", "", required, "the user"}},
       "Shows whether a user has a password, since when, and whether they have to change it.",
       reads,
       kAuditor,
       password_show},
      {"oidc list",
       {},
       "Lists the sign-ons that the bastion knows of: who has signed on at the issuer, when, and with which key, for "
       "which it may be remembered (oidc_remember).",
       reads,
       kAuditor,
       oidc_list},
      {"oidc forget",
       {{"NAME", "", required, "the user"}},
       "Forgets a user's sign-ons, and ends the sessions that were begun with them: they have to sign on again.",
       changes,
       kOperator,
       oidc_forget},
  };
}

}  // namespace bastion::admin
