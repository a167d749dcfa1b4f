#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bastion/admin/commands/fleet_history.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/lookup.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/backends.h"
#include "store/containers.h"
#include "store/sessions.h"
#include "store/users.h"

namespace bastion::admin {
namespace {

using session::LiveSession;

constexpr int kPage = 100;
// Where a table of a fleet says at which bastion something is.
constexpr int kNodeColumn = 1;

Cell text_cell(const std::string& text) { return text.empty() ? Cell(nullptr) : Cell(text); }

std::string route_of(const LiveSession& session) { return fmt::format("{}", fmt::join(session.route, " > ")); }

// Of sessions as the server has them.
Table live_table(const std::vector<LiveSession>& sessions, bool is_of_fleet) {
  Table table{{"id", "user", "container", "from", "idle_seconds", "channels", "bytes_from_user", "bytes_from_container",
               "opened", "route", "key"},
              {},
              "no open sessions"};
  for (const auto& session : sessions) {
    table.rows.push_back({session.id, session.user, text_cell(session.container), session.from_host,
                          session.idle.count(), session.channels, session.bytes_from_user, session.bytes_from_container,
                          timestamp_cell(session.since), text_cell(route_of(session)), session.key_fingerprint});
    if (is_of_fleet) table.rows.back().insert(table.rows.back().begin() + kNodeColumn, text_cell(session.node));
  }
  if (is_of_fleet) table.columns.insert(table.columns.begin() + kNodeColumn, "node");
  return table;
}

Table stored_table(const std::vector<store::Session>& sessions) {
  Table table{{"id", "user", "container", "opened", "reason", "from", "closed", "route", "bytes_from_user",
               "bytes_from_container", "key"},
              {},
              "no sessions"};
  for (const auto& [opened, closed] : sessions) {
    table.rows.push_back({opened.id, opened.user, text_cell(opened.container), timestamp_cell(opened.at),
                          closed ? Cell(closed->reason) : Cell(nullptr), opened.from_host,
                          closed ? timestamp_cell(closed->at) : Cell(nullptr), text_cell(opened.route),
                          closed ? Cell(closed->bytes_from_user) : Cell(nullptr),
                          closed ? Cell(closed->bytes_from_container) : Cell(nullptr), opened.key_fingerprint});
  }
  return table;
}

Result<std::vector<store::Session>> stored_sessions(Context& context, const Arguments& arguments) {
  store::Sessions sessions(context.database);
  const auto user = arguments.optional("--user");
  if (!arguments.given("--all")) return user ? sessions.open_now(*user) : sessions.open_now();
  const auto limit = arguments.optional("--limit");
  const auto count = limit ? count_of(*limit) : kPage;
  return user ? sessions.latest(*user, count) : sessions.latest(count);
}

// Of every bastion of the fleet.
Result<Answer> list_all_of_fleet(Context& context, const Arguments& arguments) {
  const auto sessions = stored_sessions(context, arguments);
  if (!sessions) return std::unexpected(sessions.error());
  const auto limit = arguments.optional("--limit");
  const auto all =
      with_others(*context.fleet, *sessions, arguments.optional("--user"), limit ? count_of(*limit) : kPage);
  std::vector<store::Session> rows;
  rows.reserve(all.rows.size());
  for (const auto& one : all.rows) rows.push_back(one.session);
  auto table = stored_table(rows);
  table.columns.insert(table.columns.begin() + kNodeColumn, "node");
  for (std::size_t i = 0; i < all.rows.size(); ++i)
    table.rows[i].insert(table.rows[i].begin() + kNodeColumn, Cell(all.rows[i].node));
  Answer answer{std::move(table)};
  answer.note = all.missing;
  return answer;
}

Result<const std::vector<LiveSession>*> live_sessions(const Context& context) {
  if (!context.snapshot.sessions) return fail("no running bastion uses this state directory, so there are no sessions");
  return &*context.snapshot.sessions;
}

// The containers on a backend, as sessions name them.
Result<std::set<std::string>> containers_on(Context& context, const std::string& backend) {
  if (const auto known = find_backend(context, backend); !known) {
    return std::unexpected(known.error());
  }
  const auto all = store::Containers(context.database).all();
  if (!all) return std::unexpected(all.error());
  std::set<std::string> names;
  for (const auto& container : *all) {
    if (container.backend_name == backend) names.insert(container.full_name());
  }
  return names;
}

// Where some could not be asked, it may be there.
std::unexpected<Error> no_session(const Context& context, const std::string& what) {
  const auto& missing = context.snapshot.missing;
  return missing.empty() ? fail("there is no {}", what) : fail("there is no {} ({})", what, missing);
}

using Concerned = std::function<bool(const LiveSession&)>;

Result<Concerned> concerned_by(Context& context, const Arguments& arguments) {
  if (const auto id = arguments.optional("ID")) {
    return [id = *id](const LiveSession& session) { return session.id == id; };
  }
  if (const auto name = arguments.optional("--user")) {
    if (const auto user = find_user(context, *name); !user) return std::unexpected(user.error());
    return [name = *name](const LiveSession& session) { return session.user == name; };
  }
  if (const auto name = arguments.optional("--container")) {
    const auto container = find_container(context, *name);
    if (!container) return std::unexpected(container.error());
    return [place = std::set{container->full_name()}](const LiveSession& session) { return leads_to(session, place); };
  }
  const auto& backend = arguments.text("--backend");
  auto places = containers_on(context, backend);
  if (!places) return std::unexpected(places.error());
  places->insert(backend);
  return [backend, places = *std::move(places)](const LiveSession& session) {
    return std::ranges::find(session.route, backend) != session.route.end() || leads_to(session, places);
  };
}

}  // namespace

RuntimeQuery ask_sessions(const Arguments& /*arguments*/) { return SessionsQuery{}; }

Result<Answer> session_list(Context& context, const Arguments& arguments) {
  if (const auto user = arguments.optional("--user")) {
    if (const auto known = must_be_in_history(context, *user); !known) return std::unexpected(known.error());
  }
  if (context.snapshot.sessions && !arguments.given("--all")) {
    auto sessions = *context.snapshot.sessions;
    if (const auto user = arguments.optional("--user")) {
      std::erase_if(sessions, [&](const LiveSession& session) { return session.user != *user; });
    }
    Answer answer{live_table(sessions, context.fleet.has_value())};
    answer.note = context.snapshot.missing;
    return answer;
  }
  if (context.fleet && arguments.given("--all")) return list_all_of_fleet(context, arguments);
  const auto sessions = stored_sessions(context, arguments);
  if (!sessions) return std::unexpected(sessions.error());
  Answer answer{stored_table(*sessions)};
  if (!arguments.given("--all")) {
    answer.note = "no running bastion uses this state directory: these are the sessions that the database has as open";
  }
  return answer;
}

Result<Answer> session_show(Context& context, const Arguments& arguments) {
  const auto sessions = live_sessions(context);
  if (!sessions) return std::unexpected(sessions.error());
  const auto found = std::ranges::find(**sessions, arguments.text("ID"), &LiveSession::id);
  if (found == (*sessions)->end()) return no_session(context, fmt::format("session {}", arguments.text("ID")));
  Table tunnels{{"to"}, {}};
  for (const auto& place : found->tunnels) tunnels.rows.push_back({place});
  Answer answer{Record{{{"id", found->id},
                        {"user", found->user},
                        {"from", found->from_host},
                        {"key", found->key_fingerprint},
                        {"container", text_cell(found->container)},
                        {"route", text_cell(route_of(*found))},
                        {"opened", timestamp_cell(found->since)},
                        {"idle_seconds", found->idle.count()},
                        {"channels", found->channels},
                        {"bytes_from_user", found->bytes_from_user},
                        {"bytes_from_container", found->bytes_from_container},
                        {"tunnels", std::move(tunnels)}}}};
  if (context.fleet) {
    auto& fields = std::get<Record>(answer.content).fields;
    fields.insert(fields.begin() + kNodeColumn, {"node", text_cell(found->node)});
  }
  return answer;
}

Result<Answer> session_kill(Context& context, const Arguments& arguments) {
  const auto sessions = live_sessions(context);
  if (!sessions) return std::unexpected(sessions.error());
  const auto concerned = concerned_by(context, arguments);
  if (!concerned) return std::unexpected(concerned.error());
  std::vector<std::string> ids;
  for (const auto& session : **sessions) {
    if ((*concerned)(session)) ids.push_back(session.id);
  }
  if (ids.empty() && arguments.given("ID")) return no_session(context, fmt::format("session {}", arguments.text("ID")));
  if (ids.empty()) return no_session(context, "such session");
  Answer answer{Sentence{ids.size() == 1 ? fmt::format("session {} ended", ids.front())
                                         : fmt::format("{} sessions ended: {}", ids.size(), fmt::join(ids, ", "))},
                fmt::format("{}", fmt::join(ids, ", "))};
  answer.effects.ends = std::move(ids);
  answer.note = context.snapshot.missing;
  return answer;
}

}  // namespace bastion::admin
