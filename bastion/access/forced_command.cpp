#include "bastion/access/forced_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace bastion::access {
namespace {

using connection::SessionStart;

// What Linux gives a program as one argument, with the NUL behind it (MAX_ARG_STRLEN).
constexpr std::size_t kLongestLine = 128 * 1024 - 1;

// For /bin/sh, with the two texts as $1 and $2. Between single quotes every shell takes everything for itself but what
// is not in it: a quote, a backslash before another or before a quote (fish), `!` and a line feed (csh). `+` becomes a
// space, and each `,ooo` what printf's %b makes of \0ooo; `\134` is the backslash. A command substitution drops line
// feeds at the end, so there is a full stop behind each text.
constexpr std::string_view kDecode =
    R"sh(d() { IFS=+; set -- $1; IFS=" "; set -- "$*"; IFS=,; printf %b "$(printf "\1340%s" $1)"; }; )sh"
    R"sh(set -- "$(d "$1")" "$(d "$2")"; export SSH_ORIGINAL_COMMAND="${1%.}"; exec "$SHELL" -c "${2%.}")sh";

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("/._-:").contains(c);
}

// As kDecode reads it. The first character is always encoded: a word may then not be taken for an option.
std::string encoded(std::string_view text) {
  std::string result;
  for (const char c : fmt::format("{}.", text)) {
    if (!result.empty() && is_plain(c)) {
      result += c;
    } else if (!result.empty() && c == ' ') {
      result += '+';
    } else {
      result += fmt::format("{}{:03o}", result.empty() ? "" : ",", static_cast<unsigned char>(c));
    }
  }
  return result;
}

}  // namespace

// sshd's own sftp server has a name in place of a path: whichever one the container has is asked for by its subsystem.
Result<SessionStart> forced(const std::string& command, const SessionStart& asked) {
  if (command == "internal-sftp") return SessionStart{.kind = SessionStart::Kind::subsystem, .words = "sftp"};
  if (asked.kind == SessionStart::Kind::shell) {
    return SessionStart{.kind = SessionStart::Kind::command, .words = command};
  }
  if (asked.words.contains('\0')) return fail("there is a NUL in the command");
  auto line = fmt::format("exec /bin/sh -c '{}' sh {} {}", kDecode, encoded(asked.words), encoded(command));
  if (line.size() > kLongestLine) return fail("the command is too long for a key or user with a command of their own");
  return SessionStart{.kind = SessionStart::Kind::command, .words = std::move(line)};
}

}  // namespace bastion::access
