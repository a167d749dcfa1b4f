#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

Parameter dry_run() { return {"--dry-run", "", Parameter::Presence::optional, "only say what would change"}; }
Parameter merge() {
  return {"--merge", "", Parameter::Presence::optional, "change what is there already and says something else"};
}

}  // namespace

std::vector<Command> document_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"export",
       {},
       "Prints users, keys, groups, backends, containers and shares as one document, for `apply`: YAML, or JSON with "
       "--json.",
       reads,
       kAuditor,
       directory_export},
      {"apply",
       {{"FILE", "", required,
         "a document as `export` prints it, YAML or JSON; or - for standard input, the only way over SSH", nullptr,
         read_whole_document},
        dry_run(),
        {"--prune", "", optional, "remove what the lists of the document do not name"}},
       "Makes everything as a document says, at once or not at all, and says what that changed.",
       changes,
       kAdmin,
       directory_apply},
      {"import authorized-keys",
       {{"DIR", "", required,
         "a folder with files called after users (alice, alice.pub, alice.keys) or with their folders "
         "(alice/authorized_keys, alice/.ssh/authorized_keys), as /home is one; or - for what one such file says, on "
         "standard input",
         nullptr, read_authorized_keys},
        {"--user", "U", optional, "whose keys they all are; needed with -", check_user_name},
        {"--passwd", "FILE", optional, "an /etc/passwd: only who has an account there, from UID 1000"},
        dry_run(),
        merge()},
       "Takes over users and their keys from authorized_keys files.",
       changes,
       kAdmin,
       take_over},
      {"import incus",
       {{"FILE", "", some_of,
         "what `incus list --format json` prints, or lxc; or - for standard input; without this, the backend is asked",
         nullptr, read_incus},
        {"--backend", "B", some_of,
         "where they run; with a FILE it may be left out, where each says so itself, as those of a cluster do"},
        {"--owner", "U", optional, "whose they are; without this, each belongs to the user it is called after"},
        {"--login", "USER", optional, "the account in the containers; the owner's name, if it is not given",
         check_login},
        {"--map", "MEMBER=BACKEND", repeated,
         "what a member of the cluster is called here, where that is something else", check_member},
        {"--interface", "NIC", optional,
         "which network card counts, where several have an address; without this, that of the profile, or eth0",
         check_interface},
        {"--project", "P", optional, "only what is in this project; the default one is asked for, if it is not given",
         check_project},
        {"--all-projects", "", optional, "ask for what is in all projects; a FILE is taken as it is anyway"},
        dry_run(),
        merge()},
       "Takes over Incus or LXD instances as containers: those that run, and those with a static address. To ask the "
       "backend itself, the bastion runs `incus list --format json` there, or lxc, as the account that it logs in to, "
       "with `--project P` or `--all-projects` behind it if they are given. Which known containers of a backend are "
       "not in the list is said too.",
       changes,
       kAdmin,
       take_over,
       ask_instances},
      {"import ssh-config",
       {{"FILE", "", required,
         "a ~/.ssh/config with ProxyJump in it; or - for standard input, the only way over SSH, without the files that "
         "it includes",
         nullptr, read_ssh_config},
        {"--bastion", "HOST", optional, "the jump in it that this bastion takes the place of"},
        dry_run(),
        merge()},
       "Takes over backends and containers from what people had in their ssh configuration, as `ssh -G` on the "
       "bastion's machine understands it. Nothing that it says is executed.",
       changes,
       kAdmin,
       take_over},
      {"import sshpiper",
       {{"FILE", "", required,
         "the configuration of sshpiper's yaml plugin, version 1.0; or - for standard input, the only way over SSH, "
         "without the files that it names",
         nullptr, read_sshpiper},
        {"--backend", "B", required, "behind which all its hosts are; a --direct one where the bastion reaches them"},
        dry_run(),
        merge()},
       "Takes over users, their keys and where they are piped to, and says what has no place here: patterns, "
       "passwords, private keys.",
       changes,
       kAdmin,
       take_over},
  };
}

}  // namespace bastion::admin
