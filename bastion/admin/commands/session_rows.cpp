#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> session_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kSession = "the session, as shown by `session list`";
  constexpr std::string_view kRecording =
      "the recording, as shown by `session recordings`; or the session, if it has only one";
  return {
      {"top",
       {},
       "Shows what is happening now: backends, sessions, throughput, refusals, strangers and loops. At a terminal it "
       "is a full-screen display; q quits.",
       reads,
       kAuditor,
       top,
       ask_activities,
       Command::Pace::screen},
      {"session list",
       {{"--user", "U", optional, "only sessions of this user"},
        {"--open", "", optional, "only open sessions; this is the default"},
        {"--all", "", optional, "also sessions that have ended"},
        {"--limit", "N", optional, "with --all: the maximum number, newest first; 100 by default", check_count}},
       "Lists the open sessions.",
       reads,
       kAuditor,
       session_list,
       ask_sessions},
      {"session watch",
       {{"--user", "U", optional, "only sessions of this user"}},
       "Lists the open sessions, at a terminal again every second until Ctrl-C.",
       reads,
       kAuditor,
       session_list,
       ask_sessions,
       Command::Pace::watched},
      {"session show",
       {{"ID", "", required, kSession}},
       "Shows an open session with its tunnels.",
       reads,
       kAuditor,
       session_show,
       ask_sessions},
      {"session kill",
       {{"ID", "", one_of, kSession},
        {"--user", "U", one_of, "all sessions of this user"},
        {"--container", "C", one_of, "all sessions that lead to this container"},
        {"--backend", "B", one_of, "all sessions that pass through this backend or lead to a container on it"}},
       "Ends sessions immediately. Their users are told that an administrator ended them.",
       changes,
       kOperator,
       session_kill,
       ask_sessions},
      {"session recordings",
       {{"--user", "U", optional, "only recordings of this user's sessions"},
        {"--container", "C", optional, "only recordings of sessions in this container, as `owner/name`"},
        newest_option()},
       "Lists the recordings of sessions on this bastion.",
       reads,
       kAuditor,
       session_recordings},
      {"session play",
       {{"ID", "", required, kRecording},
        {"--speed", "N", optional, "playback speed: 2 is twice as fast, 0.5 half as fast", check_speed},
        {"--idle-limit", "S", optional,
         "the maximum length of a pause in seconds; 2 by default; 0 keeps all pauses as they were", check_pause}},
       "Plays a recording at the terminal, until Ctrl-C or q. Where there is no terminal, it prints what was shown as "
       "text.",
       reads,
       kAuditor,
       session_play,
       nullptr,
       Command::Pace::streamed},
      {"session export",
       {{"ID", "", required, kRecording}},
       "Prints a recording in the format asciicast v2, for `asciinema play`.",
       reads,
       kAuditor,
       session_export,
       nullptr,
       Command::Pace::streamed},
  };
}

}  // namespace bastion::admin
