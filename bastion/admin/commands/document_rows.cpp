#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

Parameter dry_run() { return {"--dry-run", "", Parameter::Presence::optional, "only show what would change"}; }
Parameter merge() { return {"--merge", "", Parameter::Presence::optional, "change existing entries that differ"}; }

}  // namespace

std::vector<Command> document_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"export",
       {},
       "Prints users, keys, groups, backends, containers and shares as one document for `apply`. The format is YAML, "
       "or JSON with --json.",
       reads,
       kAuditor,
       directory_export},
      {"apply",
       {{"FILE", "", required,
         "a document as printed by `export`, in YAML or JSON; or - for standard input, which is required over SSH",
         nullptr, read_whole_document},
        dry_run(),
        {"--prune", "", optional, "remove what the lists in the document do not name"}},
       "Makes the directory match a document, and shows what changed. Either all of it is applied or nothing is.",
       changes,
       kAdmin,
       directory_apply},
      {"import authorized-keys",
       {{"DIR", "", required,
         "a folder with a file for each user (alice, alice.pub, alice.keys) or with their folders "
         "(alice/authorized_keys, alice/.ssh/authorized_keys), such as /home; or - for one such file on standard input",
         nullptr, read_authorized_keys},
        {"--user", "U", optional, "the user whose keys they all are; required with -", check_user_name},
        {"--passwd", "FILE", optional,
         "an /etc/passwd file: import only users who have an account in it with UID 1000 or higher"},
        dry_run(),
        merge()},
       "Imports users and their keys from authorized_keys files.",
       changes,
       kAdmin,
       take_over},
      {"import incus",
       {{"FILE", "", some_of,
         "the output of `incus list --format json` or `lxc list --format json`; - for standard input; without a FILE, "
         "the backend is asked",
         nullptr, read_incus},
        {"--backend", "B", some_of,
         "the backend that they run on; may be omitted with a FILE that names the location of each instance, as for a "
         "cluster"},
        {"--owner", "U", optional,
         "the owner of all of them; by default, each belongs to the user that it is named after"},
        {"--login", "USER", optional, "the account in the containers; by default, the owner's name", check_login},
        {"--map", "MEMBER=BACKEND", repeated, "a member of the cluster, and its backend, if their names differ",
         check_member},
        {"--interface", "NIC", optional,
         "which network card to use if an instance has several with an address; by default the one in the profile, or "
         "eth0",
         check_interface},
        {"--project", "P", optional,
         "only instances in this project; without it, the backend is asked for the default project", check_project},
        {"--all-projects", "", optional, "ask the backend for all projects; a FILE is taken as it is"},
        dry_run(),
        merge()},
       "Imports Incus or LXD instances as containers. Running instances and those with a static address are imported. "
       "Without a FILE, the bastion runs `incus list --format json` or `lxc list --format json` on the backend, in the "
       "account that it logs in to, and adds `--project P` or `--all-projects` if they are given. It also shows which "
       "known containers of a backend are not in the list.",
       changes,
       kAdmin,
       take_over,
       ask_instances},
      {"import ssh-config",
       {{"FILE", "", required,
         "an ssh configuration with ProxyJump, such as ~/.ssh/config; or - for standard input, which is required over "
         "SSH and leaves out the files that it includes",
         nullptr, read_ssh_config},
        {"--bastion", "HOST", optional, "the jump host in it that this bastion replaces"},
        dry_run(),
        merge()},
       "Imports backends and containers from an ssh configuration. It is read as `ssh -G` on the bastion's machine "
       "understands it. Nothing in it is executed.",
       changes,
       kAdmin,
       take_over},
      {"import sshpiper",
       {{"FILE", "", required,
         "the configuration of sshpiper's yaml plugin, version 1.0; or - for standard input, which is required over "
         "SSH and leaves out the files that it names",
         nullptr, read_sshpiper},
        {"--backend", "B", required,
         "the backend that all its hosts are behind; a --direct one if the bastion reaches them itself"},
        dry_run(),
        merge()},
       "Imports users, their keys and their targets from sshpiper, and shows what cannot be imported: patterns, "
       "passwords, private keys.",
       changes,
       kAdmin,
       take_over},
  };
}

}  // namespace bastion::admin
