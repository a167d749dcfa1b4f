#include "store/sessions.h"

namespace bastion::store {
namespace {

Session read_session(const Row& row) {
  Session session{.opened = {.login = row.text(0),
                             .user = row.text(1),
                             .from_host = row.text(2),
                             .key_fingerprint = row.text(3),
                             .container = row.text(4),
                             .route = row.text(5),
                             .at = row.number(6)},
                  .closed = std::nullopt};
  if (const auto closed_at = row.optional_number(7)) {
    session.closed = SessionClosed{.login = session.opened.login,
                                   .at = *closed_at,
                                   .bytes_from_user = row.number(8),
                                   .bytes_from_container = row.number(9),
                                   .reason = row.text(10)};
  }
  return session;
}

}  // namespace

Sessions::Sessions(Database& database)
    : open_(database,
            "INSERT INTO sessions (login, user, from_host, key_fingerprint, container, route, opened_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"),
      close_(database,
             "UPDATE sessions SET closed_at = ?2, bytes_from_user = ?3, bytes_from_container = ?4, reason = ?5"
             " WHERE login = ?1 AND closed_at IS NULL"),
      latest_(database,
              "SELECT login, user, from_host, key_fingerprint, container, route, opened_at, closed_at,"
              " bytes_from_user, bytes_from_container, reason FROM sessions ORDER BY id DESC LIMIT ?") {}

Result<> Sessions::open(const SessionOpened& session) {
  return open_.run({session.login, session.user, session.from_host, session.key_fingerprint, session.container,
                    session.route, session.at});
}

Result<> Sessions::close(const SessionClosed& session) {
  return close_.run({session.login, session.at, session.bytes_from_user, session.bytes_from_container, session.reason});
}

Result<std::vector<Session>> Sessions::latest(int limit) { return latest_.all(read_session, {limit}); }

}  // namespace bastion::store
