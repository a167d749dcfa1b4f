#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> session_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kSession = "as `session list` shows it";
  constexpr std::string_view kRecording = "as `session recordings` shows it, or the session, where it has one only";
  return {
      {"top",
       {},
       "Shows what happens now: backends, sessions, throughput, refusals, strangers and loops. At a terminal it is a "
       "screen, until q.",
       reads,
       kAuditor,
       top,
       ask_activities,
       Command::Pace::screen},
      {"session list",
       {{"--user", "U", optional, "only those of this user"},
        {"--open", "", optional, "those that are open, which is what it lists anyway"},
        {"--all", "", optional, "those that have ended too"},
        {"--limit", "N", optional, "with --all: how many at most, the newest first; 100, if it is not given",
         check_count}},
       "Lists the sessions that are open.",
       reads,
       kAuditor,
       session_list,
       ask_sessions},
      {"session watch",
       {{"--user", "U", optional, "only those of this user"}},
       "Lists the sessions that are open, at a terminal again every second, until Ctrl-C.",
       reads,
       kAuditor,
       session_list,
       ask_sessions,
       Command::Pace::watched},
      {"session show",
       {{"ID", "", required, kSession}},
       "Shows a session that is open, with its tunnels.",
       reads,
       kAuditor,
       session_show,
       ask_sessions},
      {"session kill",
       {{"ID", "", one_of, kSession},
        {"--user", "U", one_of, "every session of this user"},
        {"--container", "C", one_of, "every session that leads there"},
        {"--backend", "B", one_of, "every session that passes it, or leads to something on it"}},
       "Ends sessions, at once. Their users are told that an administrator has done it.",
       changes,
       kOperator,
       session_kill,
       ask_sessions},
      {"session recordings",
       {{"--user", "U", optional, "only those of this user"},
        {"--container", "C", optional, "only those of this container, owner/name"},
        newest_option()},
       "Lists what was recorded of sessions at this bastion.",
       reads,
       kAuditor,
       session_recordings},
      {"session play",
       {{"ID", "", required, kRecording},
        {"--speed", "N", optional, "so many times as fast: 2, 0.5", check_speed},
        {"--idle-limit", "S", optional,
         "no pause is longer than so many seconds; 2, if it is not given; 0: as long as they were", check_pause}},
       "Plays a recording at the terminal, in its time, until Ctrl-C or q; elsewhere it prints what was shown, as "
       "text.",
       reads,
       kAuditor,
       session_play,
       nullptr,
       Command::Pace::streamed},
      {"session export",
       {{"ID", "", required, kRecording}},
       "Prints a recording as asciicast v2, which `asciinema play` plays.",
       reads,
       kAuditor,
       session_export,
       nullptr,
       Command::Pace::streamed},
  };
}

}  // namespace bastion::admin
