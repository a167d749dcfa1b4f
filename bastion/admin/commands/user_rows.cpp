#include "bastion/admin/commands/given_password.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

Parameter role_of_user(Parameter::Presence presence) {
  return {"--role",
          "ROLE",
          presence,
          "user (the default); auditor, who reads everything; operator, who looks after users, containers and "
          "sessions; or admin, who may do all",
          check_role,
          nullptr,
          kAdmin};
}

// What is said of a user beside that, when they are added and later on.
std::vector<Parameter> options_of_user(Parameter::Presence presence) {
  return {
      {"--options", "O", presence,
       "what they may do, as before a key in authorized_keys: restrict,pty,permitopen=\"db:5432\"; none: everything",
       check_options},
      {"--idle-timeout", "D", presence,
       "how long a session may be idle: 90m, 12h, 30d; none; or default, as configured", check_limit},
      {"--max-session", "D", presence, "how long a session may last: 90m, 12h, 30d; none; or default, as configured",
       check_limit},
      {"--max-sessions", "N", presence,
       "how many sessions at a time: a number; none, for as many as there are; or default, as configured", check_cap},
      {"--max-logins", "N", presence, "how many logins within a minute, in the same way", check_cap},
      {"--max-rekeys", "N", presence, "how many key exchanges that their clients begin within a minute", check_cap},
      {"--max-bytes", "N", presence, "how many bytes a second, up and down", check_cap},
      {"--auth", "EXPRESSION", presence,
       "what they need to log in: publickey, certificate, publickey+totp (a one-time code too), publickey+password, "
       "publickey+oidc (a sign-on at the issuer), alternatives with |; or default, as configured",
       check_auth},
      {"--password", "-", presence,
       "- and a password on standard input, which they have to change when they log in first, as `password set` gives "
       "one",
       check_standard_input},
      sftp_option(presence),
      record_option(presence)};
}

}  // namespace

std::vector<Command> user_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {.words = "user add",
       .parameters = joined({{"NAME", "", required, "what the user types before the @ of the bastion", check_user_name},
                             role_of_user(optional),
                             {"--key", "KEY", repeated,
                              "a public key they log in with; options may stand before it as in authorized_keys"}},
                            options_of_user(optional)),
       .help = "Adds a user.",
       .effect = changes,
       .role = kOperator,
       .handler = user_add,
       .password = typed_password},
      {"user list",
       {after_option("NAME", check_user_name), page_option()},
       "Lists the users, by name.",
       reads,
       kAuditor,
       user_list},
      {"user show",
       {{"NAME", "", required, "the user"}},
       "Shows a user with their keys and every container they may enter.",
       reads,
       kAuditor,
       user_show},
      {.words = "user set",
       .parameters = joined({{"NAME", "", required, "the user"}, role_of_user(some_of)}, options_of_user(some_of)),
       .help = "Changes a user.",
       .effect = changes,
       .role = kOperator,
       .handler = user_set,
       .password = typed_password},
      {"user disable",
       {{"NAME", "", required, "the user"}},
       "Refuses a user's logins from now on, and ends their sessions. Everything they have stays.",
       changes,
       kOperator,
       user_disable},
      {"user enable", {{"NAME", "", required, "the user"}}, "Lets a user in again.", changes, kOperator, user_enable},
      {"user remove",
       {{"NAME", "", required, "the user"}, {"--yes", "", optional, "with every container they own"}},
       "Removes a user with their keys, and ends their sessions.",
       changes,
       kOperator,
       user_remove},
  };
}

}  // namespace bastion::admin
