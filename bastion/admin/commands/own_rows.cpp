#include <array>
#include <string_view>
#include <utility>

#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/auth/password.h"

namespace bastion::admin {
namespace {

constexpr auto kAnybody = store::Role::user;
constexpr std::array<std::string_view, 3> kAskedForPassword{"The password you have: ", auth::kNewPasswordPrompt,
                                                            auth::kNewPasswordAgainPrompt};
constexpr std::string_view kMine = "a container that is yours, as `me container list` shows it";

// What there is to read.
std::vector<Command> own_lists() {
  using enum Command::Effect;
  return {
      {.words = "me whoami",
       .parameters = {},
       .help = "Says who you are here, from where and with what you have logged in.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_whoami},
      {.words = "me show",
       .parameters = {},
       .help = "Shows what you may do, where you land, what your account needs to log in, and what of yours you may "
               "change.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_show},
      {.words = "me key list",
       .parameters = {},
       .help = "Lists your keys, the oldest first.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_key_list},
      {.words = "me container list",
       .parameters = {},
       .help = "Lists the containers you may enter, with what stands before the @ for each, and with whom you share "
               "yours.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_container_list},
      {.words = "me session list",
       .parameters = {},
       .help = "Lists your sessions that are open.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_session_list,
       .query = ask_sessions},
  };
}

std::vector<Command> own_changes() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {.words = "me key add",
       .parameters = {{"KEY", "", required, "- for standard input, or the key itself; options may stand before it"},
                      {"--comment", "C", optional, "in place of the one that stands after the key"},
                      {"--options", "O", optional,
                       "what a login with it may do, as before a key in authorized_keys; what is said of the key you "
                       "logged in with holds for it anyway",
                       check_key_options},
                      {"--expires", "T", optional,
                       "when it stops being accepted: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; the "
                       "key you logged in with ends it at the latest",
                       check_expiry}},
       .help = "Adds a public key to yours.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_key_add,
       .noun = "key"},
      {.words = "me key remove",
       .parameters = {{"FINGERPRINT", "", required, "as `me key list` shows it: SHA256:…"},
                      {"--yes", "", optional, "also the last one, and the one you are logged in with"}},
       .help = "Removes one of your keys, and ends the sessions that were opened with it.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_key_remove,
       .noun = "key"},
      {.words = "me container default",
       .parameters = {{"NAME", "", required, kMine}},
       .help = "Says where you land when you name no container.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_container_default,
       .noun = "container"},
      {.words = "me share",
       .parameters = {{"NAME", "", required, kMine},
                      {"USER", "", one_of, "who may enter it too"},
                      {"--group", "G", one_of, "a group, whoever is in it"},
                      {"--expires", "T", optional,
                       "until when: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now", check_timestamp}},
       .help = "Lets somebody else into a container of yours.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_share,
       .noun = "share"},
      {.words = "me unshare",
       .parameters = {{"NAME", "", required, kMine},
                      {"USER", "", one_of, "who may not enter it any more"},
                      {"--group", "G", one_of, "a group"}},
       .help = "Lets somebody into a container of yours no more, and ends the sessions that they have there.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_unshare,
       .noun = "share"},
      {.words = "me session kill",
       .parameters = {{"ID", "", one_of, "as `me session list` shows it"},
                      {"--others", "", one_of, "all of yours but this one"}},
       .help = "Ends sessions of yours, at once.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_session_kill,
       .query = ask_sessions,
       .noun = "session"},
      {.words = "me password",
       .parameters = {{"PASSWORD", "-", optional,
                       "- and on standard input the one you have and, on the next line, the new one; at a terminal you "
                       "are asked for them",
                       check_standard_input}},
       .help = "Gives you another password in the place of the one you have, which you give first. Your other sessions "
               "end then.",
       .effect = by_itself,
       .role = kAnybody,
       .handler = own_password,
       .query = ask_sessions,
       .noun = "password",
       .asks = kAskedForPassword},
      {.words = "me totp enroll",
       .parameters = {{"--code", "CODE", optional,
                       "where you have one-time codes already: one of them, or a recovery code; - for standard input"}},
       .help =
           "Gives you one-time codes, and shows once what makes them: a QR code for your phone, the secret, and ten "
           "recovery codes. They take the place of those that you have, and your other sessions end then.",
       .effect = by_itself,
       .role = kAnybody,
       .handler = own_totp_enroll,
       .query = ask_sessions,
       .noun = "totp"},
      {.words = "me totp reset",
       .parameters = {{"--code", "CODE", required,
                       "one of your one-time codes, or a recovery code; - for standard input"}},
       .help = "Takes your one-time codes and recovery codes away, and ends the sessions that were begun with them.",
       .effect = by_itself,
       .role = kAnybody,
       .handler = own_totp_reset,
       .query = ask_server,
       .noun = "totp"},
  };
}

}  // namespace

std::vector<Command> own_rows() {
  auto all = own_lists();
  for (auto& row : own_changes()) all.push_back(std::move(row));
  return all;
}

}  // namespace bastion::admin
