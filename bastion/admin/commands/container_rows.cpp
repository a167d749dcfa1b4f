#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"
#include "bastion/admin/manifest/container_command.h"

namespace bastion::admin {
namespace {

// What rows of containers have in common, when one is added, made, moved and changed.
Parameter default_of_owner(Parameter::Presence presence) {
  return {"--default", "", presence, "make it the owner's default: they land here when they name no container"};
}

Parameter command_of_container(Parameter::Presence presence) {
  return {"--command",
          "CMD",
          presence,
          "the command that the backend runs to reach the container, with SSH on standard input and output, instead of "
          "an address; incus, lxd, docker and kubectl stand for `incus exec NAME -- /usr/sbin/sshd -i` and the like",
          check_command,
          nullptr,
          kAdmin};
}

Parameter identity_of_container(Parameter::Presence presence) {
  return {"--identity", "WHAT", presence,
          "what the bastion logs in with: key (`identity show`); certificate, its own (`identity show --ca`), issued "
          "for each login; or agent, the keys in the user's own agent, forwarded with `ssh -A`",
          check_identity_of_container};
}

Parameter wake_of_container(Parameter::Presence presence) {
  return {"--wake", "", presence,
          "start the container when a login cannot reach it: `incus start NAME` on its backend, or lxc, in the account "
          "that the bastion logs in to"};
}

}  // namespace

std::vector<Command> container_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kContainer = "the container, as `name` or `owner/name`";
  return {
      {"container add",
       {{"NAME", "", required, "the name of the container; two users may use the same name", check_name},
        {"--owner", "USER", required, "its owner"},
        {"--backend", "B", one_of, "the backend that it runs on"},
        {"--auto-place", "", one_of,
         "place it on the active backend with the most room, relative to its capacity, that can be reached and serves "
         "the owner"},
        {"--address", "IP[:PORT]", one_of_these_too,
         "where its sshd listens, in the backend's network; a name is resolved there", check_address},
        command_of_container(one_of_these_too),
        {"--login", "USER", optional, "the account in the container; by default, the owner's name", check_login},
        default_of_owner(optional),
        legacy_option(optional),
        identity_of_container(optional),
        sftp_option(optional),
        wake_of_container(optional),
        {"--host-key", "KEY", optional, "its host key; by default, the first key that it presents is remembered"}},
       "Adds an existing container.",
       changes,
       kOperator,
       container_add,
       ask_where_to_place},
      {"container create",
       {{"NAME", "", required, "the name of the container, here and on the backend", check_name},
        {"--owner", "USER", required, "its owner"},
        {"--backend", "B", one_of, "the backend on which it is created"},
        {"--auto-place", "", one_of,
         "place it on the active backend with the most room, relative to its capacity, that can be reached"},
        {"--image", "I", optional, "the image; by default, the first image that the backend allows", check_image},
        {"--profile", "P", repeated, "a profile of Incus or LXD; `default` by default", check_profile},
        {"--project", "P", optional, "the project of Incus or LXD; `default` by default", check_project},
        {"--login", "USER", optional, "the account in the container; by default, the owner's name", check_login},
        default_of_owner(optional),
        identity_option(optional),
        wake_of_container(optional),
        {"--within", "D", optional,
         "how long it may take until the container has an address and its sshd answers; 5m by default",
         check_duration}},
       "Creates an instance of Incus or LXD on a backend, and adds it as a container with its host key.",
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
       "Ends the sessions in a container, and restarts its instance.",
       errand,
       kOperator,
       container_restart,
       ask_whom_it_ends},
      {"container delete",
       {{"NAME", "", required, kContainer}, {"--yes", "", optional, "delete it with everything in it"}},
       "Ends the sessions in a container, deletes its instance, and removes it from the bastion.",
       errand,
       kAdmin,
       container_delete,
       ask_whom_it_ends},
      {"container list",
       {{"--owner", "U", optional, "only containers of this user"},
        {"--backend", "B", optional, "only containers on this backend"},
        after_option("OWNER/NAME", check_full_name),
        page_option()},
       "Lists the containers, by owner and name. DEFAULT says whether the owner lands there without naming a "
       "container: it is marked as default, or it is their only one. STATE is what the source of its backend last "
       "reported, and SEEN is when the source last listed it.",
       reads,
       kAuditor,
       container_list},
      {"container show",
       {{"NAME", "", required, kContainer}},
       "Shows a container with its host key and its shares.",
       reads,
       kAuditor,
       container_show},
      {"container set",
       {{"NAME", "", required, kContainer},
        default_of_owner(some_of),
        {"--no-default", "", some_of, "it is no longer marked as default"},
        {"--login", "USER", some_of, "the account in the container", check_login},
        command_of_container(some_of),
        legacy_option(some_of),
        no_legacy_option(),
        identity_of_container(some_of),
        sftp_option(some_of),
        wake_of_container(some_of),
        {"--no-wake", "", some_of, "do not start it for logins"},
        record_option(some_of),
        {"--host-key", "KEY", some_of, "its host key, which replaces all known ones"}},
       "Changes the settings of a container.",
       changes,
       kOperator,
       container_set},
      {"container move",
       {{"NAME", "", required, kContainer},
        {"--backend", "B", required, "the backend that it runs on now"},
        {"--address", "IP[:PORT]", one_of,
         "where its sshd listens now, in the backend's network; a name is resolved there", check_address},
        command_of_container(one_of),
        {"--host-key", "KEY", optional,
         "its host key at the new place; without this, a pinned key stays valid, and a learned one is replaced by the "
         "first key that it presents there"},
        {"--kick", "", optional, "end the sessions at the old place; without this, they stay"}},
       "Records the new place of a container. The next login goes there.",
       changes,
       kOperator,
       container_move,
       ask_whom_to_kick},
      {"container share",
       {{"NAME", "", required, kContainer},
        {"USER", "", one_of, "the user who may enter it"},
        {"--group", "G", one_of, "a group whose members may enter it"},
        {"--expires", "T", optional,
         "when the share ends: 2026-12-31, 2026-12-31T23:59:59Z, or 90m, 12h, 30d from now; by default it never ends",
         check_timestamp}},
       "Shares a container with another user or with a group. If the share already exists, it gets the new expiry "
       "time.",
       changes,
       kOperator,
       container_share},
      {"container unshare",
       {{"NAME", "", required, kContainer},
        {"USER", "", one_of, "the user who may no longer enter it"},
        {"--group", "G", one_of, "the group whose members may no longer enter it"}},
       "Removes a share, and ends the sessions that it allowed.",
       changes,
       kOperator,
       container_unshare},
      {"container forget-host-key",
       {{"NAME", "", required, kContainer}},
       "Forgets the host key of a container that was recreated. The next key that it presents is remembered.",
       changes,
       kOperator,
       container_forget_host_key},
      {"container remove",
       {{"NAME", "", required, kContainer}, {"--yes", "", optional, "remove it even if it is shared"}},
       "Removes a container from the bastion, and ends the sessions in it. The container itself is not touched.",
       changes,
       kOperator,
       container_remove},
  };
}

}  // namespace bastion::admin
