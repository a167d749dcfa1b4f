#include "bastion/base/reason.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace bastion {
namespace {

struct Row {
  Reason reason;
  std::string_view code;
  std::string_view sentence;  // {0} or {} stands for End::subject, {1} for what that has said, {2} for End::since
};

constexpr std::array kTable{
    Row{Reason::user_left, "ok", ""},
    Row{Reason::container_closed, "container_closed", "container {} closed the connection"},
    Row{Reason::shutdown, "shutdown", "the bastion is shutting down; log in again in a moment"},
    Row{Reason::server_killed, "server_killed", ""},
    Row{Reason::client_vanished, "client_vanished", ""},
    Row{Reason::client_broke_protocol, "client_broke_protocol", ""},
    Row{Reason::too_many_attempts, "too_many_attempts", ""},
    Row{Reason::login_grace_expired, "login_grace_expired", ""},
    Row{Reason::no_version_line, "no_version_line", ""},
    Row{Reason::made_room, "made_room", ""},
    Row{Reason::too_many_rsa_signatures, "too_many_rsa_signatures", ""},
    Row{Reason::too_many_sessions, "too_many_sessions", "you have {} sessions already, which is all you may have"},
    Row{Reason::too_many_logins, "too_many_logins",
        "you have logged in {} times within a minute; log in again in a moment"},
    Row{Reason::no_container, "no_container", "you have no container yet; ask your administrator for one"},
    Row{Reason::container_not_found, "container_not_found", "you have no container named {}"},
    Row{Reason::container_ambiguous, "container_ambiguous", "several containers have that name; name one: {}"},
    Row{Reason::no_default_container, "no_default_container", "you have several containers; name one: {}"},
    Row{Reason::backend_not_active, "backend_not_active", "backend {} is out of service; ask your administrator"},
    Row{Reason::backend_serves_others, "backend_serves_others",
        "backend {} serves groups of which the container's owner is in none; ask your administrator"},
    Row{Reason::backend_unreachable, "backend_unreachable", "backend {} is unreachable"},
    Row{Reason::backend_not_dialled_in, "backend_not_dialled_in",
        "backend {0} has not dialled in{2}; tell your administrator"},
    Row{Reason::backend_not_started, "backend_not_started",
        "backend {} is down and could not be started; tell your administrator"},
    Row{Reason::backend_still_starting, "backend_still_starting",
        "backend {} was started and its SSH does not answer yet; log in again in a moment"},
    Row{Reason::backend_no_common_algorithm, "backend_no_common_algorithm",
        "backend {} and the bastion have no algorithm in common; tell your administrator"},
    Row{Reason::backend_key_changed, "backend_key_changed",
        "the host key of backend {} has changed; tell your administrator"},
    Row{Reason::backend_not_certified, "backend_not_certified",
        "backend {} shows no valid certificate of its host key; tell your administrator"},
    Row{Reason::backend_refused_identity, "backend_refused_identity",
        "backend {} rejects the bastion's key; tell your administrator"},
    Row{Reason::backend_refused_account, "backend_refused_account",
        "backend {0} refuses the bastion's account{1}; tell your administrator"},
    Row{Reason::backend_forbids_forwarding, "backend_forbids_forwarding",
        "backend {} does not let the bastion connect to what is behind it; tell your administrator"},
    Row{Reason::backend_runs_no_command, "backend_runs_no_command",
        "backend {} does not let the bastion run the command that leads on from there; tell your administrator"},
    Row{Reason::backend_exhausted, "backend_exhausted",
        "backend {} has no resources left for one more connection; tell your administrator"},
    Row{Reason::container_unreachable, "container_unreachable", "container {} is unreachable; is it running?"},
    Row{Reason::container_command_failed, "container_command_failed",
        "the command that leads to container {} has failed; is it running?"},
    Row{Reason::container_not_started, "container_not_started",
        "container {} does not run and could not be started; tell your administrator"},
    Row{Reason::container_still_starting, "container_still_starting",
        "container {} was started and its SSH does not answer yet; log in again in a moment"},
    Row{Reason::container_no_common_algorithm, "container_no_common_algorithm",
        "container {} and the bastion have no algorithm in common; tell your administrator"},
    Row{Reason::container_key_changed, "container_key_changed",
        "the host key of container {} has changed; tell your administrator"},
    Row{Reason::container_not_certified, "container_not_certified",
        "container {} shows no valid certificate of its host key; tell your administrator"},
    Row{Reason::container_refused_identity, "container_refused_identity",
        "container {} rejects the bastion's key; tell your administrator"},
    Row{Reason::container_wants_agent, "container_wants_agent",
        "container {} takes your own keys: connect with `ssh -A`, and with an agent that has them"},
    Row{Reason::container_refused_agent, "container_refused_agent",
        "container {} takes none of the keys that your agent has shown it"},
    Row{Reason::agent_failed, "agent_failed", "your agent {}"},
    Row{Reason::container_refused_account, "container_refused_account",
        "container {0} refuses the account there{1}; tell your administrator"},
    Row{Reason::own_key_unusable, "own_key_unusable",
        "the bastion cannot use its own key at the moment; tell your administrator"},
    Row{Reason::database_busy, "database_busy", "the bastion's database is busy; log in again in a moment"},
    Row{Reason::database_unreadable, "database_unreadable",
        "the bastion's database cannot be read; tell your administrator"},
    Row{Reason::passwords_busy, "passwords_busy",
        "the bastion has too many passwords to look at; log in again in a moment"},
    Row{Reason::password_not_stored, "password_not_stored",
        "your new password could not be written down; tell your administrator"},
    Row{Reason::fleet_away, "fleet_away",
        "you are the first to go there, and its host key cannot be written down while the database of the bastions is "
        "away; log in again in a moment"},
    Row{Reason::bastion_exhausted, "bastion_exhausted",
        "the bastion has no file descriptors left; tell your administrator"},
    Row{Reason::backend_vanished, "backend_vanished", "the connection to backend {} was lost"},
    Row{Reason::backend_starts_again, "backend_starts_again",
        "the connection to backend {} was lost; if it is down it is being started again: log in, and you wait for it"},
    Row{Reason::container_vanished, "container_vanished", "the connection to container {} was lost"},
    Row{Reason::idle_timeout, "idle_timeout", "closed: idle for {}"},
    Row{Reason::max_session, "max_session", "closed: session limit {} reached; log in again to go on"},
    Row{Reason::handed_over, "handed_over",
        "closed: the bastion was upgraded or reconfigured {} ago; log in again to go on"},
    Row{Reason::user_disabled, "user_disabled", "your account was disabled"},
    Row{Reason::user_removed, "user_removed", "your account was removed"},
    Row{Reason::key_removed, "key_removed", "the key you logged in with was removed"},
    Row{Reason::key_expired, "key_expired", "the key you logged in with has expired"},
    Row{Reason::credential_revoked, "credential_revoked", "the key or certificate you logged in with was revoked"},
    Row{Reason::certificate_expired, "certificate_expired", "the certificate you logged in with has expired"},
    Row{Reason::certificate_refused, "certificate_refused", "the certificate you logged in with is no longer accepted"},
    Row{Reason::second_factor_reset, "second_factor_reset", "your one-time codes were reset; ask your administrator"},
    Row{Reason::password_changed, "password_changed",
        "the password you logged in with was changed or removed; log in again"},
    Row{Reason::sign_on_forgotten, "sign_on_forgotten", "you have to sign on again; log in again to do so"},
    Row{Reason::sign_on_expired, "sign_on_expired", "you have signed on too long ago; log in again to sign on again"},
    Row{Reason::more_is_needed, "more_is_needed", "your account needs another way to log in now; log in again"},
    Row{Reason::source_refused, "source_refused", "your address is no longer allowed"},
    Row{Reason::role_taken, "role_taken", "your administrator role was removed"},
    Row{Reason::container_unshared, "container_unshared", "container {} is no longer shared with you"},
    Row{Reason::container_removed, "container_removed", "container {} was removed"},
    Row{Reason::container_moved, "container_moved",
        "container {} was moved to another place; log in again to get there"},
    Row{Reason::container_stopped, "container_stopped", "container {} was stopped by an administrator"},
    Row{Reason::container_restarted, "container_restarted",
        "container {} is restarted by an administrator; log in again in a moment"},
    Row{Reason::killed, "killed", "an administrator has ended your session"},
    Row{Reason::ended_by_user, "ended_by_user", "you have ended this session from another one"},
    Row{Reason::internal, "internal", "an error occurred inside the bastion; tell your administrator"},
};

const Row& row_of(Reason reason) {
  const auto* row = std::ranges::find(kTable, reason, &Row::reason);
  if (row == kTable.end()) std::abort();  // the enum and the table are one thing; a test walks them both
  return *row;
}

}  // namespace

bool is_undecided(Reason reason) {
  return reason == Reason::database_unreadable || reason == Reason::passwords_busy ||
         reason == Reason::password_not_stored;
}

std::string_view code_of(Reason reason) { return row_of(reason).code; }

std::optional<Reason> reason_coded(std::string_view code) {
  const auto* const row = std::ranges::find(kTable, code, &Row::code);
  return row == kTable.end() ? std::nullopt : std::optional(row->reason);
}

std::uint32_t exit_status_of(Reason reason) { return reason == Reason::no_default_container ? 1 : 255; }

std::string sentence_of(const End& end) {
  const auto said = end.said.empty() ? std::string{} : fmt::format(" and says \"{}\"", end.said);
  return fmt::format(fmt::runtime(row_of(end.reason).sentence), end.subject, said, end.since);
}

std::string statement_of(const End& end) {
  auto sentence = sentence_of(end);
  constexpr std::array<std::string_view, 3> kAdvice{"; tell your administrator", "; ask your administrator",
                                                    "; ask your administrator for one"};
  for (const auto advice : kAdvice) {
    if (row_of(end.reason).sentence.ends_with(advice)) sentence.resize(sentence.size() - advice.size());
  }
  return sentence;
}

std::string full_text_of(const End& end) {
  return end.detail.empty() ? statement_of(end) : fmt::format("{}: {}", statement_of(end), end.detail);
}

}  // namespace bastion
