#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> backup_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"backup",
       {{"TO", "FILE", required, "where it goes, on the bastion's machine; nothing may be there yet"}},
       "Copies the database as it is now into one file, while everything goes on. The bastion's own host keys and "
       "identity are not in it.",
       by_itself,
       kAdmin,
       backup},
      {"restore",
       {{"FROM", "FILE", required, "a file that `backup` has made, on the bastion's machine; it may be an older one's"},
        {"--yes", "", optional, "without this, it is only checked, and said what would be replaced"}},
       "Puts the users, keys, groups, backends, containers, shares and host keys of a backup in the place of those "
       "that are there, at once or not at all, while everything goes on: sessions that the backup does not allow end. "
       "Audit and past sessions stay. What was replaced is kept in a file.",
       by_itself,
       kAdmin,
       restore},
  };
}

}  // namespace bastion::admin
