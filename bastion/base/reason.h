// Why a session ended: the closed table. Every session ends exactly once, with one row of it, and that row gives the
// log line, the audit code and the only sentence the user may see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bastion {

enum class Reason {
  // The ordinary ends.
  user_left,
  container_closed,
  shutdown,
  server_killed,  // found by the next one to start: nobody was left to tell anybody
  // Before authentication: a stranger is told nothing.
  client_vanished,
  client_broke_protocol,
  too_many_attempts,
  login_grace_expired,
  no_version_line,
  made_room,
  too_many_rsa_signatures,
  // After authentication, before anything else: the user reads the sentence.
  too_many_sessions,
  too_many_logins,
  invitation_taken,  // what they came for is done
  // Between authentication and the container: the user reads the sentence.
  no_container,
  container_not_found,
  container_ambiguous,
  no_default_container,
  backend_not_active,
  backend_serves_others,  // its groups, of which the owner of the container is in none
  backend_unreachable,
  backend_not_dialled_in,
  backend_not_started,
  backend_still_starting,
  backend_no_common_algorithm,
  backend_key_changed,
  backend_not_certified,
  backend_refused_identity,
  backend_refused_account,
  backend_forbids_forwarding,
  backend_runs_no_command,
  backend_exhausted,
  container_unreachable,
  container_command_failed,
  container_not_started,
  container_still_starting,
  container_no_common_algorithm,
  container_key_changed,
  container_not_certified,
  container_refused_identity,
  container_wants_agent,
  container_refused_agent,
  agent_failed,
  container_refused_account,
  own_key_unusable,
  database_busy,
  database_unreadable,
  passwords_busy,       // too many were looked at, and nobody knows whether this one was right
  password_not_stored,  // so it is with a new one
  keys_not_printed,     // by the program that knows them
  fleet_away,
  bastion_exhausted,
  // While connected.
  backend_vanished,
  backend_starts_again,  // the same, and it has a hook
  container_vanished,
  idle_timeout,
  max_session,
  handed_over,  // another process serves, and this one has come to its limit
  // While connected: it is not allowed any more.
  user_disabled,
  user_removed,
  key_removed,
  key_expired,
  credential_revoked,
  certificate_expired,
  certificate_refused,  // its CA is not trusted any more, or not for this user
  second_factor_reset,  // the codes that let them in are not theirs any more
  password_changed,     // so it is with their password
  sign_on_forgotten,    // an administrator has made the bastion forget it
  sign_on_expired,      // it was long ago
  more_is_needed,       // the account needs more than was shown
  source_refused,
  role_taken,
  container_unshared,
  container_removed,
  container_moved,
  container_stopped,
  container_restarted,
  killed,
  ended_by_user,  // from another session of theirs
  internal,
};

// An end as it happened. `subject` is a name the user may see (a backend, a container); `detail` is for the log only.
// `said` is what that backend or container has said about it, printable and on one line: the user may read it too.
struct End {
  Reason reason = Reason::internal;
  std::string subject;
  std::string detail;
  std::string said = {};
  std::string since =
      {};  // of what has not happened for some time: " since ...", or " yet"; whom an invitation was for
};

// Nobody could say whether what a stranger has shown was right: it was not wrong.
[[nodiscard]] bool is_undecided(Reason reason);

// The code that stands in logs, audit rows and metrics: stable, snake_case.
[[nodiscard]] std::string_view code_of(Reason reason);
// And back. Nothing where there is no such row: another release may have it.
[[nodiscard]] std::optional<Reason> reason_coded(std::string_view code);

// The sentence for the user, without the id. Empty where the table says that nothing may be told.
[[nodiscard]] std::string sentence_of(const End& end);

// The same for an administrator: without the advice to ask one.
[[nodiscard]] std::string statement_of(const End& end);

// That statement and the detail.
[[nodiscard]] std::string full_text_of(const End& end);

// What her client returns: 255, as ssh does for a lost connection; 1 where she has to say more; 0 where all is well.
[[nodiscard]] std::uint32_t exit_status_of(Reason reason);

}  // namespace bastion
