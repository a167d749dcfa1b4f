#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/container_command.h"

namespace bastion::admin {
namespace {

// What rows of containers have in common, when one is added, made, moved and changed.
Parameter default_of_owner(Parameter::Presence presence) {
  return {"--default", "", presence, "the owner lands here without naming a container"};
}

Parameter command_of_container(Parameter::Presence presence) {
  return {"--command",
          "CMD",
          presence,
          "what that backend runs to reach it, with SSH on standard input and output, in place of an address; or "
          "incus, lxd, docker or kubectl, which stand for `incus exec NAME -- /usr/sbin/sshd -i` and the like",
          check_command,
          nullptr,
          kAdmin};
}

Parameter identity_of_container(Parameter::Presence presence) {
  return {"--identity", "WHAT", presence,
          "what is logged in with: key (`identity show`), a certificate of the bastion's own (`identity show --ca`) "
          "for each login, or agent, the keys of the user's own agent, which they forward with `ssh -A`",
          check_identity_of_container};
}

Parameter wake_of_container(Parameter::Presence presence) {
  return {"--wake", "", presence,
          "start it when a login cannot reach it: `incus start NAME` on its backend, or lxc, as the account there"};
}

}  // namespace

std::vector<Command> container_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kContainer = "the container, as `name` or `owner/name`";
  return {
      {"container add",
       {{"NAME", "", required, "what it is called; two users may use the same name", check_name},
        {"--owner", "USER", required, "whose it is"},
        {"--backend", "B", one_of, "where it runs"},
        {"--auto-place", "", one_of,
         "on the active backend that is emptiest, measured by its capacity, of those that can be reached and serve the "
         "owner"},
        {"--address", "IP[:PORT]", one_of_these_too,
         "where its sshd is, inside the network of that backend; or a name that is known there", check_address},
        command_of_container(one_of_these_too),
        {"--login", "USER", optional, "the account in the container; the owner's name, if it is not given",
         check_login},
        default_of_owner(optional),
        legacy_option(optional),
        identity_of_container(optional),
        sftp_option(optional),
        wake_of_container(optional),
        {"--host-key", "KEY", optional, "its host key; without this, the first one it presents is remembered"}},
       "Adds a container.",
       changes,
       kOperator,
       container_add,
       ask_where_to_place},
      {"container create",
       {{"NAME", "", required, "what it is called, here and on the backend", check_name},
        {"--owner", "USER", required, "whose it is"},
        {"--backend", "B", one_of, "where it is made"},
        {"--auto-place", "", one_of,
         "on the active backend that is emptiest, measured by its capacity, of those that can be reached"},
        {"--image", "I", optional, "what it is made of; the first image that the backend allows, if it is not given",
         check_image},
        {"--profile", "P", repeated, "of Incus or LXD; default, if it is not given", check_profile},
        {"--project", "P", optional, "of Incus or LXD; default, if it is not given", check_project},
        {"--login", "USER", optional, "the account in it; the owner's name, if it is not given", check_login},
        default_of_owner(optional),
        identity_option(optional),
        wake_of_container(optional),
        {"--within", "D", optional, "how long its address and sshd may take; 5m, if it is not given", check_duration}},
       "Makes an instance of Incus or LXD on a backend, and adds it with the host key that it has.",
       errand,
       kAdmin,
       container_create,
       ask_where_to_create},
      {"container start",
       {{"NAME", "", required, kContainer}},
       "Starts the instance of a container on its backend.",
       errand,
       kOperator,
       container_start,
       ask_server},
      {"container stop",
       {{"NAME", "", required, kContainer}},
       "Ends the sessions in a container, and stops its instance.",
       errand,
       kOperator,
       container_stop,
       ask_whom_it_ends},
      {"container restart",
       {{"NAME", "", required, kContainer}},
       "Ends the sessions in a container, and stops and starts its instance.",
       errand,
       kOperator,
       container_restart,
       ask_whom_it_ends},
      {"container delete",
       {{"NAME", "", required, kContainer}, {"--yes", "", optional, "with everything in it"}},
       "Ends the sessions in a container, deletes its instance, and removes it from the bastion.",
       errand,
       kAdmin,
       container_delete,
       ask_whom_it_ends},
      {"container list",
       {{"--owner", "U", optional, "only those of this user"},
        {"--backend", "B", optional, "only those that run there"},
        after_option("OWNER/NAME", check_full_name),
        page_option()},
       "Lists the containers, by owner and name. DEFAULT says whether the owner lands there without naming one: it is "
       "marked so, or their only one. STATE is what the source of its backend has said last, and SEEN when it was "
       "listed.",
       reads,
       kAuditor,
       container_list},
      {"container show",
       {{"NAME", "", required, kContainer}},
       "Shows a container with its host key and with whom it is shared.",
       reads,
       kAuditor,
       container_show},
      {"container set",
       {{"NAME", "", required, kContainer},
        default_of_owner(some_of),
        {"--no-default", "", some_of, "it is not marked as default any more"},
        {"--login", "USER", some_of, "the account in the container", check_login},
        command_of_container(some_of),
        legacy_option(some_of),
        no_legacy_option(),
        identity_of_container(some_of),
        sftp_option(some_of),
        wake_of_container(some_of),
        {"--no-wake", "", some_of, "leave it alone"},
        record_option(some_of),
        {"--host-key", "KEY", some_of, "its host key, in place of those that are known"}},
       "Changes a container.",
       changes,
       kOperator,
       container_set},
      {"container move",
       {{"NAME", "", required, kContainer},
        {"--backend", "B", required, "where it runs now"},
        {"--address", "IP[:PORT]", one_of,
         "where its sshd is now, inside the network of that backend; or a name that is known there", check_address},
        command_of_container(one_of),
        {"--host-key", "KEY", optional,
         "its host key there; without this, a pinned one still counts, and in place of a learned one the first one it "
         "presents there is remembered"},
        {"--kick", "", optional, "end the sessions that lead to the old place; without this, they stay"}},
       "Says where a container is now. The next login goes there.",
       changes,
       kOperator,
       container_move,
       ask_whom_to_kick},
      {"container share",
       {{"NAME", "", required, kContainer},
        {"USER", "", one_of, "who may enter it too"},
        {"--group", "G", one_of, "a group of which everybody may, for as long as they are in it"},
        {"--expires", "T", optional,
         "until when: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; for good, if it is not given",
         check_timestamp}},
       "Lets another user than the owner into a container, or a group of them. A share that is there already gets the "
       "new time.",
       changes,
       kOperator,
       container_share},
      {"container unshare",
       {{"NAME", "", required, kContainer},
        {"USER", "", one_of, "who may not enter it any more"},
        {"--group", "G", one_of, "the group that may not"}},
       "Takes a share back, and ends the sessions it allowed.",
       changes,
       kOperator,
       container_unshare},
      {"container forget-host-key",
       {{"NAME", "", required, kContainer}},
       "Forgets the host key of a container that was made anew: the next one it presents is remembered.",
       changes,
       kOperator,
       container_forget_host_key},
      {"container remove",
       {{"NAME", "", required, kContainer}, {"--yes", "", optional, "although it is shared"}},
       "Removes a container from the bastion, and ends the sessions in it. The container itself is not touched.",
       changes,
       kOperator,
       container_remove},
  };
}

}  // namespace bastion::admin
