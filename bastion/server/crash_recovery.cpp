#include "bastion/server/crash_recovery.h"

#include <algorithm>

#include "bastion/base/clock.h"
#include "bastion/base/log.h"
#include "bastion/base/reason.h"
#include "store/audit.h"
#include "store/database.h"
#include "store/links.h"
#include "store/sessions.h"
#include "store/writer.h"

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
  store::Links links(database);
  for (const auto& server : servers) {
    if (const auto done = links.end_all(server, now); !done) return std::unexpected(done.error());
    if (const auto done = sessions.close_left_open(server, now, reason); !done) return std::unexpected(done.error());
  }
  return count;
}

void recover(store::Writer& writer, const ServerId& server) {
  auto servers = server.free();
  servers.emplace_back();  // what was opened by a program that did not say yet who it was
  writer.change_here("sessions that were left open stay so", [servers](store::Database& database) -> Result<> {
    const auto closed = close_left_open(database, servers, unix_now());
    if (!closed) return std::unexpected(closed.error());
    if (*closed > 0) log::warning("sessions had been left open, and are closed now count={}", *closed);
    return {};
  });
}

}  // namespace bastion::server
