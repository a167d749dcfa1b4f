#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> backup_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"backup",
       {{"TO", "FILE", required, "the file to create on the bastion's machine; it must not exist yet"}},
       "Copies the database into one file while the bastion runs. The file does not contain the bastion's host keys "
       "and identity.",
       by_itself,
       kAdmin,
       backup},
      {"restore",
       {{"FROM", "FILE", required,
         "a file made by `backup`, on the bastion's machine; it may come from an older bastion"},
        {"--yes", "", optional,
         "replace the directory; without this, the file is checked, and what would be replaced is shown"}},
       "Replaces the users, keys, groups, backends, containers, shares and host keys with those of a backup. Either "
       "all of it is replaced or nothing is. The bastion keeps running, and sessions that the backup does not allow "
       "end. The audit and past sessions stay. What was replaced is saved to a file.",
       by_itself,
       kAdmin,
       restore},
  };
}

}  // namespace bastion::admin
