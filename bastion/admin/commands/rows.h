// The rows of the table of commands, a file for each kind of thing. commands.cpp says in which order help lists them.
#pragma once

#include <vector>

#include "bastion/admin/grammar/command.h"
#include "store/users.h"

namespace bastion::admin {

// Who may give a command. Reading tells no secret and changes nothing. Operators have sessions, containers, groups and
// users, as far as nobody with a role is concerned (store/protection.h). What decides whom and what the bastion trusts
// (keys of hosts, CAs, revocations, backends, the fleet), who is kept out (bans: a wide one shuts out administrators),
// what leads around this table (documents, imports, backups), and what runs programs is for administrators.
inline constexpr auto kAuditor = store::Role::auditor;
inline constexpr auto kOperator = store::Role::operator_;
inline constexpr auto kAdmin = store::Role::admin;

[[nodiscard]] std::vector<Command> user_rows();
[[nodiscard]] std::vector<Command> group_rows();
[[nodiscard]] std::vector<Command> key_rows();
[[nodiscard]] std::vector<Command> backend_rows();
[[nodiscard]] std::vector<Command> container_rows();
[[nodiscard]] std::vector<Command> host_key_rows();    // and CAs of host keys
[[nodiscard]] std::vector<Command> ca_rows();          // of users, and what is revoked
[[nodiscard]] std::vector<Command> credential_rows();  // what users log in with beside keys
[[nodiscard]] std::vector<Command> invite_rows();
[[nodiscard]] std::vector<Command> ban_rows();
[[nodiscard]] std::vector<Command> login_rows();  // what would become of one
[[nodiscard]] std::vector<Command> fleet_rows();
[[nodiscard]] std::vector<Command> session_rows();
[[nodiscard]] std::vector<Command> history_rows();
[[nodiscard]] std::vector<Command> document_rows();  // of everything, and what is imported
[[nodiscard]] std::vector<Command> backup_rows();
[[nodiscard]] std::vector<Command> identity_rows();
// Those that everybody may give, each about themselves (grammar/own.h).
[[nodiscard]] std::vector<Command> own_rows();

}  // namespace bastion::admin
