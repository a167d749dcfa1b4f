#include "store/sessions.h"

#include <fmt/format.h>

namespace bastion::store {
namespace {

// What read_session() reads.
std::string select_sessions(std::string_view which) {
  return fmt::format(
      "SELECT login, user, from_host, key_fingerprint, container, route, opened_at, closed_at, bytes_from_user,"
      " bytes_from_container, reason, server FROM sessions {}",
      which);
}

Session read_session(const Row& row) {
  Session session{.opened = {.id = row.text(0),
                             .user = row.text(1),
                             .from_host = row.text(2),
                             .key_fingerprint = row.text(3),
                             .container = row.text(4),
                             .route = row.text(5),
                             .at = row.number(6),
                             .server = row.text(11)},
                  .closed = std::nullopt};
  if (const auto closed_at = row.optional_number(7)) {
    session.closed = SessionClosed{.id = session.opened.id,
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
            "INSERT INTO sessions (login, user, from_host, key_fingerprint, container, route, opened_at, server)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
      route_(database, "UPDATE sessions SET container = ?2, route = ?3 WHERE login = ?1 AND closed_at IS NULL"),
      close_(database,
             "UPDATE sessions SET closed_at = ?2, bytes_from_user = ?3, bytes_from_container = ?4, reason = ?5"
             " WHERE login = ?1 AND closed_at IS NULL"),
      close_left_open_(database,
                       "UPDATE sessions SET closed_at = ?2, reason = ?3 WHERE server = ?1 AND closed_at IS NULL"),
      servers_(database, "SELECT DISTINCT server FROM sessions WHERE closed_at IS NULL ORDER BY server"),
      latest_(database, select_sessions("ORDER BY id DESC LIMIT ?")),
      latest_of_user_(database, select_sessions("WHERE user = ? ORDER BY opened_at DESC, id DESC LIMIT ?")),
      open_now_(database, select_sessions("WHERE closed_at IS NULL ORDER BY opened_at DESC, id DESC")),
      open_now_of_user_(database,
                        select_sessions("WHERE closed_at IS NULL AND user = ? ORDER BY opened_at DESC, id DESC")),
      came_from_(
          database,
          "SELECT from_host, max(opened_at) FROM (SELECT from_host, opened_at FROM sessions WHERE closed_at IS NULL"
          " UNION ALL SELECT from_host, opened_at FROM sessions WHERE closed_at >= ?1)"
          " WHERE opened_at >= ?1 GROUP BY from_host ORDER BY 2 DESC LIMIT ?2"),
      // Somebody of the same name who was removed since is somebody else.
      before_(database,
              "SELECT opened_at, from_host FROM sessions WHERE user = ?1 AND login <> ?2"
              " AND opened_at >= (SELECT created_at FROM users WHERE name = ?1)"
              " ORDER BY opened_at DESC, id DESC LIMIT 1") {}

Result<std::optional<LastLogin>> Sessions::before(std::string_view user, std::string_view id) {
  return before_.first([](const Row& row) { return LastLogin{.at = row.number(0), .from_host = row.text(1)}; },
                       {user, id});
}

Result<> Sessions::open(const SessionOpened& session) {
  return open_.run({session.id, session.user, session.from_host, session.key_fingerprint, session.container,
                    session.route, session.at, session.server});
}

Result<> Sessions::route(const SessionRouted& session) {
  return route_.run({session.id, session.container, session.route});
}

Result<> Sessions::close(const SessionClosed& session) {
  return close_.run({session.id, session.at, session.bytes_from_user, session.bytes_from_container, session.reason});
}

Result<int> Sessions::close_left_open(std::string_view server, std::int64_t now, std::string_view reason) {
  return close_left_open_.run_and_count({server, now, reason});
}

Result<std::vector<std::string>> Sessions::servers() {
  return servers_.all([](const Row& row) { return row.text(0); }, {});
}

Result<std::vector<Session>> Sessions::latest(int limit) { return latest_.all(read_session, {limit}); }

Result<std::vector<Session>> Sessions::latest(std::string_view user, int limit) {
  return latest_of_user_.all(read_session, {user, limit});
}

Result<std::vector<Session>> Sessions::open_now() { return open_now_.all(read_session, {}); }

Result<std::vector<Session>> Sessions::open_now(std::string_view user) {
  return open_now_of_user_.all(read_session, {user});
}

Result<std::vector<Sessions::From>> Sessions::came_from(std::int64_t since, int limit) {
  return came_from_.all([](const Row& row) { return From{.host = row.text(0), .at = row.number(1)}; }, {since, limit});
}

}  // namespace bastion::store
