#include "bastion/server/crash_recovery.h"

#include <algorithm>

#include "bastion/base/reason.h"
#include "store/audit.h"
#include "store/database.h"
#include "store/sessions.h"

namespace bastion::server {

Result<std::size_t> close_left_open(store::Database& database, const std::vector<std::string>& servers,
                                    std::int64_t now) {
  const std::string reason{code_of(Reason::server_killed)};
  store::Sessions sessions(database);
  store::Audit audit(database);
  const auto open = sessions.open_now();
  if (!open) return std::unexpected(open.error());
  std::size_t count = 0;
  for (const auto& [session, closed] : *open) {
    if (std::ranges::find(servers, session.server) == servers.end()) continue;
    ++count;
    const auto audited = audit.add({.at = now,
                                    .actor = session.user,
                                    .action = "logout",
                                    .subject = session.container,
                                    .outcome = reason,
                                    .key_fingerprint = session.key_fingerprint,
                                    .from_host = session.from_host,
                                    .session = session.id});
    if (!audited) return std::unexpected(audited.error());
  }
  for (const auto& server : servers) {
    if (const auto done = sessions.close_left_open(server, now, reason); !done) return std::unexpected(done.error());
  }
  return count;
}

}  // namespace bastion::server
