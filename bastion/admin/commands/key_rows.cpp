#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

// What is said of a key, when it is added and later on.
std::vector<Parameter> options_of_key(Parameter::Presence presence) {
  return {{"--options", "O", presence,
           "what a login with it may do, as before a key in authorized_keys; none: whatever the user may",
           check_key_options},
          {"--expires", "T", presence,
           "when it stops being accepted: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; or never",
           check_expiry}};
}

}  // namespace

std::vector<Command> key_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kFingerprint = "as `key list` shows it: SHA256:…";
  return {
      {"key add",
       joined({{"USER", "", required, "whose key it is"},
               {"KEY", "", required,
                "a file, - for standard input, or the key itself; options may stand before it as in authorized_keys: "
                "with cert-authority, and principals=\"NAME,...\" if it is not the user's name, it is a CA whose "
                "certificates let this user in"},
               {"--comment", "C", optional, "in place of the one that stands after the key"}},
              options_of_key(optional)),
       "Adds a public key to a user.", changes, kOperator, key_add},
      {"key list",
       {{"USER", "", required, "whose keys"}, after_option("FINGERPRINT"), page_option()},
       "Lists the keys of a user, the oldest first.",
       reads,
       kAuditor,
       key_list},
      {"key set",
       joined({{"USER", "", required, "whose key it is"},
               {"FINGERPRINT", "", required, kFingerprint},
               {"--comment", "C", some_of, "what it is called"}},
              options_of_key(some_of)),
       "Changes what is known about a public key.", changes, kOperator, key_set},
      {"key remove",
       {{"USER", "", required, "whose key it is"}, {"FINGERPRINT", "", required, kFingerprint}},
       "Removes a public key from a user, and ends the sessions that were opened with it.",
       changes,
       kOperator,
       key_remove},
  };
}

}  // namespace bastion::admin
