// What the commands do: one function for each row of the table, one file for each kind of thing. Beside it stands what
// has to be asked first.
//
// Arguments have passed the row's checks. A change runs inside a transaction, and an error takes it back.
#pragma once

#include "bastion/admin/grammar/arguments.h"
#include "bastion/admin/grammar/command.h"

namespace bastion::admin {

using Files = std::vector<NamedText>;

Result<Answer> user_add(Context& context, const Arguments& arguments);
Result<Answer> user_list(Context& context, const Arguments& arguments);
Result<Answer> user_show(Context& context, const Arguments& arguments);
Result<Answer> user_set(Context& context, const Arguments& arguments);
Result<Answer> user_disable(Context& context, const Arguments& arguments);
Result<Answer> user_enable(Context& context, const Arguments& arguments);
Result<Answer> user_remove(Context& context, const Arguments& arguments);

Result<Answer> key_add(Context& context, const Arguments& arguments);
Result<Answer> key_list(Context& context, const Arguments& arguments);
Result<Answer> key_set(Context& context, const Arguments& arguments);
Result<Answer> key_remove(Context& context, const Arguments& arguments);

Result<Answer> backend_add(Context& context, const Arguments& arguments);
Result<Answer> backend_list(Context& context, const Arguments& arguments);
Result<Answer> backend_show(Context& context, const Arguments& arguments);
Result<Answer> backend_set(Context& context, const Arguments& arguments);
Result<Answer> backend_drain(Context& context, const Arguments& arguments);
Result<Answer> backend_resume(Context& context, const Arguments& arguments);
Result<Answer> backend_forget_host_key(Context& context, const Arguments& arguments);
Result<Answer> backend_remove(Context& context, const Arguments& arguments);
RuntimeQuery ask_all_backends(const Arguments& arguments);
RuntimeQuery ask_backend(const Arguments& arguments);

Result<Answer> container_add(Context& context, const Arguments& arguments);
Result<Answer> container_list(Context& context, const Arguments& arguments);
Result<Answer> container_show(Context& context, const Arguments& arguments);
Result<Answer> container_set(Context& context, const Arguments& arguments);
Result<Answer> container_move(Context& context, const Arguments& arguments);
Result<Answer> container_share(Context& context, const Arguments& arguments);
Result<Answer> container_unshare(Context& context, const Arguments& arguments);
Result<Answer> container_forget_host_key(Context& context, const Arguments& arguments);
Result<Answer> container_remove(Context& context, const Arguments& arguments);
Result<Answer> container_create(Context& context, const Arguments& arguments);
Result<Answer> container_start(Context& context, const Arguments& arguments);
Result<Answer> container_stop(Context& context, const Arguments& arguments);
Result<Answer> container_restart(Context& context, const Arguments& arguments);
Result<Answer> container_delete(Context& context, const Arguments& arguments);
RuntimeQuery ask_where_to_create(const Arguments& arguments);
RuntimeQuery ask_whom_it_ends(const Arguments& arguments);
RuntimeQuery ask_where_to_place(const Arguments& arguments);
RuntimeQuery ask_whom_to_kick(const Arguments& arguments);

Result<Answer> session_recordings(Context& context, const Arguments& arguments);
Result<Answer> session_play(Context& context, const Arguments& arguments);
Result<Answer> session_export(Context& context, const Arguments& arguments);

Result<Answer> group_add(Context& context, const Arguments& arguments);
Result<Answer> group_list(Context& context, const Arguments& arguments);
Result<Answer> group_show(Context& context, const Arguments& arguments);
Result<Answer> group_set(Context& context, const Arguments& arguments);
Result<Answer> group_remove(Context& context, const Arguments& arguments);
Result<Answer> group_set(Context& context, const Arguments& arguments);
Result<Answer> group_join(Context& context, const Arguments& arguments);
Result<Answer> group_leave(Context& context, const Arguments& arguments);

Result<Answer> host_key_list(Context& context, const Arguments& arguments);
Result<Answer> host_key_accept(Context& context, const Arguments& arguments);
Result<Answer> host_key_forget(Context& context, const Arguments& arguments);
Result<Answer> host_key_pin(Context& context, const Arguments& arguments);
Result<Answer> host_key_alias(Context& context, const Arguments& arguments);

Result<Answer> host_ca_add(Context& context, const Arguments& arguments);
Result<Answer> host_ca_list(Context& context, const Arguments& arguments);
Result<Answer> host_ca_remove(Context& context, const Arguments& arguments);

Result<Answer> invite(Context& context, const Arguments& arguments);
Result<Answer> invite_list(Context& context, const Arguments& arguments);
Result<Answer> invite_revoke(Context& context, const Arguments& arguments);

Result<Answer> totp_enroll(Context& context, const Arguments& arguments);
Result<Answer> totp_reset(Context& context, const Arguments& arguments);
Result<Answer> totp_show(Context& context, const Arguments& arguments);
Result<Answer> totp_list(Context& context, const Arguments& arguments);

Result<Answer> password_set(Context& context, const Arguments& arguments);
Result<Answer> password_remove(Context& context, const Arguments& arguments);
Result<Answer> password_show(Context& context, const Arguments& arguments);
Result<Answer> oidc_list(Context& context, const Arguments& arguments);
Result<Answer> oidc_forget(Context& context, const Arguments& arguments);

Result<Answer> ca_add(Context& context, const Arguments& arguments);
Result<Answer> ca_list(Context& context, const Arguments& arguments);
Result<Answer> ca_remove(Context& context, const Arguments& arguments);
Result<Answer> revoke(Context& context, const Arguments& arguments);
Result<Answer> revoke_list(Context& context, const Arguments& arguments);
Result<Answer> revoke_lift(Context& context, const Arguments& arguments);
Result<Imported> read_krl(const Context& context, const Arguments& arguments, const Files& files);

Result<Answer> ban_list(Context& context, const Arguments& arguments);
Result<Answer> ban_add(Context& context, const Arguments& arguments);
Result<Answer> ban_lift(Context& context, const Arguments& arguments);
RuntimeQuery ask_server(const Arguments& arguments);

Result<Answer> directory_export(Context& context, const Arguments& arguments);
Result<Answer> directory_apply(Context& context, const Arguments& arguments);
Result<Imported> read_whole_document(const Context& context, const Arguments& arguments, const Files& files);

Result<Answer> backup(Context& context, const Arguments& arguments);
Result<Answer> restore(Context& context, const Arguments& arguments);

// Every import, and what each has read before.
Result<Answer> take_over(Context& context, const Arguments& arguments);
Result<Imported> read_authorized_keys(const Context& context, const Arguments& arguments, const Files& files);
Result<Imported> read_incus(const Context& context, const Arguments& arguments, const Files& files);
RuntimeQuery ask_instances(const Arguments& arguments);
Result<Imported> read_ssh_config(const Context& context, const Arguments& arguments, const Files& files);
Result<Imported> read_sshpiper(const Context& context, const Arguments& arguments, const Files& files);

// What everybody may do about themselves.
Result<Answer> own_whoami(Context& context, const Arguments& arguments);
Result<Answer> own_show(Context& context, const Arguments& arguments);
Result<Answer> own_password(Context& context, const Arguments& arguments);
Result<Answer> own_key_add(Context& context, const Arguments& arguments);
Result<Answer> own_key_list(Context& context, const Arguments& arguments);
Result<Answer> own_key_remove(Context& context, const Arguments& arguments);
Result<Answer> own_container_list(Context& context, const Arguments& arguments);
Result<Answer> own_container_default(Context& context, const Arguments& arguments);
Result<Answer> own_share(Context& context, const Arguments& arguments);
Result<Answer> own_unshare(Context& context, const Arguments& arguments);
Result<Answer> own_session_list(Context& context, const Arguments& arguments);
Result<Answer> own_session_kill(Context& context, const Arguments& arguments);
Result<Answer> own_totp_enroll(Context& context, const Arguments& arguments);
Result<Answer> own_totp_reset(Context& context, const Arguments& arguments);

RuntimeQuery ask_activities(const Arguments& arguments);
Result<Answer> top(Context& context, const Arguments& arguments);
Result<Answer> session_list(Context& context, const Arguments& arguments);
Result<Answer> session_show(Context& context, const Arguments& arguments);
Result<Answer> session_kill(Context& context, const Arguments& arguments);
RuntimeQuery ask_sessions(const Arguments& arguments);
Result<Answer> audit_list(Context& context, const Arguments& arguments);
Result<Answer> audit_verify(Context& context, const Arguments& arguments);

Result<Answer> fleet_list(Context& context, const Arguments& arguments);
Result<Answer> fleet_remove(Context& context, const Arguments& arguments);

Result<Answer> explain(Context& context, const Arguments& arguments);
RuntimeQuery ask_for_explanation(const Arguments& arguments);
Result<Answer> route_show(Context& context, const Arguments& arguments);
Result<Answer> identity_show(Context& context, const Arguments& arguments);

}  // namespace bastion::admin
