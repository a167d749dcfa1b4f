#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

// What is said of a key, when it is added and later on.
std::vector<Parameter> options_of_key(Parameter::Presence presence) {
  return {
      {"--options", "O", presence,
       "restrictions on logins with this key, as before a key in authorized_keys; or none, for those of the user only",
       check_key_options},
      {"--expires", "T", presence,
       "when it expires: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; or never", check_expiry}};
}

}  // namespace

std::vector<Command> key_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kFingerprint = "the key, as shown by `key list`: SHA256:…";
  return {
      {"key add",
       joined({{"USER", "", required, "the user"},
               {"KEY", "", required,
                "a file, - for standard input, or the key itself; options may precede it as in authorized_keys; with "
                "cert-authority it is a CA whose certificates let this user in, and principals=\"NAME,...\" names the "
                "principals if they are not the user's name"},
               {"--comment", "C", optional, "a comment, in place of the one after the key"}},
              options_of_key(optional)),
       "Adds a public key to a user.", changes, kOperator, key_add},
      {"key list",
       {{"USER", "", required, "the user"}, after_option("FINGERPRINT"), page_option()},
       "Lists the keys of a user, oldest first.",
       reads,
       kAuditor,
       key_list},
      {"key set",
       joined({{"USER", "", required, "the user"},
               {"FINGERPRINT", "", required, kFingerprint},
               {"--comment", "C", some_of, "a new comment"}},
              options_of_key(some_of)),
       "Changes the settings of a public key.", changes, kOperator, key_set},
      {"key remove",
       {{"USER", "", required, "the user"}, {"FINGERPRINT", "", required, kFingerprint}},
       "Removes a public key from a user, and ends the sessions that were opened with it.",
       changes,
       kOperator,
       key_remove},
  };
}

}  // namespace bastion::admin
