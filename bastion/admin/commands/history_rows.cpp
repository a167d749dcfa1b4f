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
       {{"--user", "U", optional, "only what they did; `local` is whoever sat on the machine"},
        {"--since", "T", optional, "nothing older: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d back from now",
         check_past_timestamp},
        {"--before", "ID", optional, "only what stands behind this row: what is older; in a fleet, NODE:ID",
         check_row_of_fleet},
        newest_option(),
        {"--after", "ID", repeated,
         "with --follow: begins behind this row, so that nothing is missing in between; in a fleet, NODE:ID for each "
         "bastion",
         check_row_of_fleet},
        {"--follow", "", optional,
         "the newest last, and then whatever is added, until Ctrl-C; --json prints a document on each line"}},
       "Lists who logged in and who gave which command, the newest first. `explain USER --key FINGERPRINT --from IP` "
       "says why a login was denied.",
       reads,
       kAuditor,
       audit_list,
       nullptr,
       Command::Pace::followed},
      {"audit verify",
       {{"--head", "HEAD", optional, "what this command has printed before, and was kept elsewhere", check_chain_head}},
       "Reads the whole audit and says whether a row was changed, taken out or put in, and which is the first one. "
       "Prints the head of its chain of hashes, to be kept elsewhere: whoever can write the database could make "
       "another chain.",
       reads,
       kAuditor,
       audit_verify},
  };
}

}  // namespace bastion::admin
