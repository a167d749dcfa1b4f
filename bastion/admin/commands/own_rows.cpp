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
constexpr std::string_view kMine = "a container that you own, as shown by `me container list`";

// What there is to read.
std::vector<Command> own_lists() {
  using enum Command::Effect;
  return {
      {.words = "me whoami",
       .parameters = {},
       .help = "Shows who you are here, where you come from, and what you logged in with.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_whoami},
      {.words = "me show",
       .parameters = {},
       .help = "Shows what you may do, where you land, what your account needs to log in, and which of your settings "
               "you may change.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_show},
      {.words = "me key list",
       .parameters = {},
       .help = "Lists your keys, oldest first.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_key_list},
      {.words = "me container list",
       .parameters = {},
       .help = "Lists the containers that you may enter. It shows what to type before the @ for each, and with whom "
               "you share your own.",
       .effect = reads,
       .role = kAnybody,
       .handler = own_container_list},
      {.words = "me session list",
       .parameters = {},
       .help = "Lists your open sessions.",
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
       .parameters = {{"KEY", "", required, "- for standard input, or the key itself; options may precede it"},
                      {"--comment", "C", optional, "a comment, in place of the one after the key"},
                      {"--options", "O", optional,
                       "restrictions on logins with this key, as before a key in authorized_keys; those of the key "
                       "that you logged in with apply to it in any case",
                       check_key_options},
                      {"--expires", "T", optional,
                       "when it expires: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; never later than "
                       "the key that you logged in with",
                       check_expiry}},
       .help = "Adds a public key to your account.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_key_add,
       .noun = "key"},
      {.words = "me key remove",
       .parameters = {{"FINGERPRINT", "", required, "the key, as shown by `me key list`: SHA256:…"},
                      {"--yes", "", optional,
                       "remove it even if it is your last key or the one that you are logged in with"}},
       .help = "Removes one of your keys, and ends the sessions that were opened with it.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_key_remove,
       .noun = "key"},
      {.words = "me container default",
       .parameters = {{"NAME", "", required, kMine}},
       .help = "Sets the container in which you land when you name none.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_container_default,
       .noun = "container"},
      {.words = "me share",
       .parameters = {{"NAME", "", required, kMine},
                      {"USER", "", one_of, "the user who may enter it"},
                      {"--group", "G", one_of, "a group whose members may enter it"},
                      {"--expires", "T", optional,
                       "when the share ends: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now",
                       check_timestamp}},
       .help = "Shares one of your containers with another user or with a group.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_share,
       .noun = "share"},
      {.words = "me unshare",
       .parameters = {{"NAME", "", required, kMine},
                      {"USER", "", one_of, "the user who may no longer enter it"},
                      {"--group", "G", one_of, "the group whose members may no longer enter it"}},
       .help = "Removes a share of one of your containers, and ends the sessions that it allowed.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_unshare,
       .noun = "share"},
      {.words = "me session kill",
       .parameters = {{"ID", "", one_of, "the session, as shown by `me session list`"},
                      {"--others", "", one_of, "all your sessions except this one"}},
       .help = "Ends sessions of yours immediately.",
       .effect = changes,
       .role = kAnybody,
       .handler = own_session_kill,
       .query = ask_sessions,
       .noun = "session"},
      {.words = "me password",
       .parameters = {{"PASSWORD", "-", optional,
                       "- to read the current password from standard input and, on the next line, the new one; at a "
                       "terminal you are asked for them",
                       check_standard_input}},
       .help = "Changes your password. You have to give the current one. Your other sessions end.",
       .effect = by_itself,
       .role = kAnybody,
       .handler = own_password,
       .query = ask_sessions,
       .noun = "password",
       .asks = kAskedForPassword},
      {.words = "me totp enroll",
       .parameters = {{"--code", "CODE", optional,
                       "a current one-time code or a recovery code, if you have codes already; - for standard input"}},
       .help = "Enrols you for one-time codes, and shows the secret once: as a QR code for your phone and as text, "
               "with ten recovery codes. They replace the codes that you have. Your other sessions end.",
       .effect = by_itself,
       .role = kAnybody,
       .handler = own_totp_enroll,
       .query = ask_sessions,
       .noun = "totp"},
      {.words = "me totp reset",
       .parameters = {{"--code", "CODE", required, "a one-time code or a recovery code; - for standard input"}},
       .help = "Removes your one-time codes and recovery codes, and ends the sessions that were opened with them.",
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
