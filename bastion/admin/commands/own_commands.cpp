// Who somebody is here, what they may, and the sessions they have.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "bastion/access/landing.h"
#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/own.h"
#include "bastion/admin/grammar/tables.h"
#include "bastion/admin/manifest/timestamp.h"
#include "store/containers.h"
#include "store/groups.h"
#include "store/second_factors.h"

namespace bastion::admin {
namespace {

std::string what_let_in(const access::Identity& who) {
  std::vector<std::string> names;
  for (const auto& credential : access::shown_by(who)) {
    const bool is_certified = std::holds_alternative<access::CertificateCredential>(credential);
    names.push_back((is_certified ? "a certificate for " : "") + access::name_of(credential));
  }
  return fmt::format("{}", fmt::join(names, " and "));
}

std::string text_of_limit(std::chrono::seconds limit) {
  return limit.count() == 0 ? std::string("none") : text_of_duration(limit.count());
}

// A switch, and the lists that narrow it.
Cell forwarding_cell(bool is_on, std::size_t lists) {
  if (!is_on) return "no";
  return lists == 0 ? "yes" : "to some places only";
}

Result<Cell> codes_of(Context& context, const Own& own) {
  store::SecondFactors factors(context.database);
  const auto there = factors.of_user(own.who.user);
  if (!there) return std::unexpected(there.error());
  if (!*there) return Cell("none");
  const auto left = factors.recovery_codes_left(own.who.user);
  if (!left) return std::unexpected(left.error());
  return Cell(fmt::format("enrolled, {} recovery codes left", *left));
}

Result<Cell> landing_of(Context& context, const Own& own) {
  const auto open = store::Containers(context.database).open_to({own.who.user, own.who.name}, context.now);
  if (!open) return std::unexpected(open.error());
  const auto* const found = access::landing(*open, own.who.user);
  return found == nullptr ? Cell(nullptr) : Cell(found->full_name());
}

Cell list_cell(std::vector<std::string> names) {
  return names.empty() ? Cell(nullptr) : Cell(fmt::format("{}", fmt::join(names, ", ")));
}

Cell open_cell(std::string_view names) {
  if (names.empty()) return nullptr;
  std::string text;
  for (const char c : names) text += c == ',' ? std::string(", ") : std::string(1, c);
  return text;
}

bool is_theirs(const session::LiveSession& session, const Own& own) { return session.user == own.who.name; }

}  // namespace

Result<Answer> own_whoami(Context& context, const Arguments& /*arguments*/) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  return Answer{Sentence{fmt::format("{}, from {}, with {}", own->who.name, context.from_host, what_let_in(own->who))}};
}

Result<Answer> own_show(Context& context, const Arguments& /*arguments*/) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  const auto groups = store::Groups(context.database).of_user(own->who.user);
  if (!groups) return std::unexpected(groups.error());
  const auto landing = landing_of(context, *own);
  if (!landing) return std::unexpected(landing.error());
  const auto codes = codes_of(context, *own);
  if (!codes) return std::unexpected(codes.error());
  const auto& who = own->who;
  const auto& may = who.policy;
  return Answer{Record{{{"name", Cell(who.name)},
                        {"role", Cell(text_of(who.role))},
                        {"groups", list_cell(*groups)},
                        {"lands_in", *landing},
                        {"needs_to_log_in", Cell(text_of(who.needs))},
                        {"one_time_codes", *codes},
                        {"logged_in_with", Cell(what_let_in(who))},
                        {"from", Cell(context.from_host)},
                        {"ends", timestamp_cell(who.until)},
                        {"idle_timeout", Cell(text_of_limit(who.limits.idle))},
                        {"max_session", Cell(text_of_limit(who.limits.total))},
                        {"terminal", Cell(may.pty)},
                        {"local_forwarding", forwarding_cell(may.local_forwarding, may.open.size())},
                        {"remote_forwarding", forwarding_cell(may.remote_forwarding, may.listen.size())},
                        {"agent_forwarding", Cell(may.agent_forwarding)},
                        {"x11_forwarding", Cell(may.x11_forwarding)},
                        {"limited_by_options", Cell(own->is_limited)},
                        {"may_change", open_cell(context.me)}}}};
}

Result<Answer> own_session_list(Context& context, const Arguments& /*arguments*/) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  Table table{{"id", "container", "from", "opened", "idle_seconds", "channels", "bytes_from_user",
               "bytes_from_container", "key", "this_session"},
              {},
              "you have no sessions"};
  for (const auto& session : context.snapshot.sessions.value_or(std::vector<session::LiveSession>{})) {
    if (!is_theirs(session, *own)) continue;
    table.rows.push_back({session.id, session.container.empty() ? Cell(nullptr) : Cell(session.container),
                          session.from_host, timestamp_cell(session.since), session.idle.count(), session.channels,
                          session.bytes_from_user, session.bytes_from_container, session.key_fingerprint,
                          session.id == context.session});
  }
  Answer answer{std::move(table)};
  answer.note = context.snapshot.missing;
  return answer;
}

Result<Answer> own_session_kill(Context& context, const Arguments& arguments) {
  const auto own = own_of(context);
  if (!own) return std::unexpected(own.error());
  std::vector<std::string> ids;
  for (const auto& session : context.snapshot.sessions.value_or(std::vector<session::LiveSession>{})) {
    const bool is_meant = arguments.given("ID") ? session.id == arguments.text("ID") : session.id != context.session;
    if (is_theirs(session, *own) && is_meant) ids.push_back(session.id);
  }
  const auto& missing = context.snapshot.missing;
  const auto but = missing.empty() ? std::string{} : fmt::format(" ({})", missing);
  if (ids.empty() && arguments.given("ID")) return fail("you have no session {}{}", arguments.text("ID"), but);
  if (ids.empty()) return Answer{Sentence{fmt::format("you have no other session{}", but)}, own->who.name};
  const auto list = fmt::format("{}", fmt::join(ids, ", "));
  Answer answer{Sentence{fmt::format("ended: {}", list)}, list};
  answer.effects = {.ends = std::move(ids), .end = {Reason::ended_by_user, {}, {}}};
  answer.note = missing;
  return answer;
}

}  // namespace bastion::admin
