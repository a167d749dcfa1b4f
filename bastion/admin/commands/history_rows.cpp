#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> history_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"audit list",
       {{"--user", "U", optional, "only what this user did; `local` is whoever works on the bastion's machine"},
        {"--since", "T", optional,
         "only rows from this time on: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d ago", check_past_timestamp},
        {"--before", "ID", optional, "only rows older than this one; in a fleet, NODE:ID", check_row_of_fleet},
        newest_option(),
        {"--after", "ID", repeated,
         "with --follow: start after this row, so that no row is missed; in a fleet, NODE:ID for each bastion",
         check_row_of_fleet},
        {"--follow", "", optional,
         "list the newest row last and each new row as it is added, until Ctrl-C; with --json, one document on each "
         "line"}},
       "Lists who logged in and who gave which command, newest first. `explain USER --key FINGERPRINT --from IP` says "
       "why "
       "a login was denied.",
       reads,
       kAuditor,
       audit_list,
       nullptr,
       Command::Pace::followed},
      {"audit verify",
       {{"--head", "HEAD", optional, "a head that this command printed earlier and that was kept elsewhere",
         check_chain_head}},
       "Verifies the whole audit. It reports whether a row was changed, removed or inserted, and which is the first "
       "such row. It prints the head of the chain of hashes, to be kept elsewhere: whoever can write to the database "
       "could build another chain.",
       reads,
       kAuditor,
       audit_verify},
  };
}

}  // namespace bastion::admin
