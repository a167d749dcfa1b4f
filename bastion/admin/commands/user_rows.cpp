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
          "user (the default); auditor, who may read everything; operator, who manages users, containers and sessions; "
          "or admin, who may do everything",
          check_role,
          nullptr,
          kAdmin};
}

// What is said of a user beside that, when they are added and later on.
std::vector<Parameter> options_of_user(Parameter::Presence presence) {
  return {
      {"--options", "O", presence,
       "restrictions on what they may do, as before a key in authorized_keys: restrict,pty,permitopen=\"db:5432\"; or "
       "none",
       check_options},
      {"--idle-timeout", "D", presence,
       "how long a session may be idle: 90m, 12h, 30d; none; or default, as in the configuration", check_limit},
      {"--max-session", "D", presence,
       "how long a session may last: 90m, 12h, 30d; none; or default, as in the configuration", check_limit},
      {"--max-sessions", "N", presence,
       "how many sessions they may have at the same time: a number; none, for no limit; or default, as in the "
       "configuration",
       check_cap},
      {"--max-logins", "N", presence,
       "how many logins they may make within a minute; none and default as for --max-sessions", check_cap},
      {"--max-rekeys", "N", presence,
       "how many key exchanges their clients may begin within a minute; none and default as for --max-sessions",
       check_cap},
      {"--max-bytes", "N", presence,
       "how many bytes they may transfer each second, in both directions together; none and default as for "
       "--max-sessions",
       check_cap},
      {"--auth", "EXPRESSION", presence,
       "what they need to log in: publickey, certificate, publickey+totp (and a one-time code), publickey+password, "
       "publickey+oidc (and a sign-on at the issuer), alternatives separated by |; or default, as in the configuration",
       check_auth},
      {"--password", "-", presence,
       "- to read a password from standard input; they have to change it at their first login, as with `password set`",
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
       .parameters =
           joined({{"NAME", "", required, "the name that the user types before the @ of the bastion", check_user_name},
                   role_of_user(optional),
                   {"--key", "KEY", repeated,
                    "a public key that they log in with; options may precede it as in authorized_keys"}},
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
       "Shows a user with their keys and every container that they may enter.",
       reads,
       kAuditor,
       user_show},
      {.words = "user set",
       .parameters = joined({{"NAME", "", required, "the user"}, role_of_user(some_of)}, options_of_user(some_of)),
       .help = "Changes the settings of a user.",
       .effect = changes,
       .role = kOperator,
       .handler = user_set,
       .password = typed_password},
      {"user disable",
       {{"NAME", "", required, "the user"}},
       "Disables a user. Their logins are refused, and their sessions end; all that they have stays.",
       changes,
       kOperator,
       user_disable},
      {"user enable",
       {{"NAME", "", required, "the user"}},
       "Enables a disabled user again.",
       changes,
       kOperator,
       user_enable},
      {"user remove",
       {{"NAME", "", required, "the user"}, {"--yes", "", optional, "also remove every container that they own"}},
       "Removes a user with their keys, and ends their sessions.",
       changes,
       kOperator,
       user_remove},
  };
}

}  // namespace bastion::admin
