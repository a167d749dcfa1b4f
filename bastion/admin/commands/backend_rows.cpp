#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

Parameter capacity_of_backend(Parameter::Presence presence) {
  return {"--capacity", "N", presence, "how many containers it has room for; or none, for no limit", check_capacity};
}

// What is said of a backend beside where it is, when it is added and later on.
std::vector<Parameter> options_of_backend(Parameter::Presence presence) {
  return {identity_option(presence),
          {"--wake", "HOOK", presence,
           "the hook that starts the backend when a login cannot reach it, as the name of a program in `wake_hooks`; "
           "or none",
           check_hook_or_none},
          {"--source", "DAEMON", presence,
           "the daemon that manages its containers, incus or lxd: it is polled, and the directory follows where its "
           "containers are; or none",
           check_program_or_none},
          {"--every", "D", presence, "how often the daemon is polled; 60s by default", check_duration},
          {"--project", "P", presence,
           "the project to ask the daemon for; by default, the default project of the account there", check_project},
          {"--interface", "NIC", presence,
           "which network card to use if an instance has several with an address; by default the one in the profile, "
           "or eth0",
           check_interface},
          {"--map", "MEMBER=BACKEND", Parameter::Presence::repeated,
           "a member of the cluster, and the backend that it is; with this, containers move only between the backends "
           "that are named",
           check_member},
          {"--groups", "GROUPS", presence,
           "serve only containers whose owners are in one of these groups: ops,dev; or none, to serve everybody",
           check_names_or_none}};
}

}  // namespace

std::vector<Command> backend_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"backend add",
       joined(
           {{"NAME", "", required, "the name of the backend on this bastion", check_name},
            {"HOST", "HOST[:PORT]", optional,
             "where its sshd listens, as seen from the bastion or from --via; omitted with --reverse", check_endpoint},
            {"--login", "USER", required, "the account on the backend that accepts the bastion's identity",
             check_login},
            {"--reverse", "", optional,
             "the backend dials in: its machine runs ssh -N -R 22:localhost:22 NAME@ and the name of this bastion"},
            {"--key", "KEY", optional, "with --reverse: the public key with which its machine logs in here"},
            {"--via", "BACKEND", optional, "the backend through which this one is reached"},
            {"--direct", "", optional,
             "do not log in to the backend to reach its containers: connect to them from the backend before it, or "
             "from the bastion"},
            capacity_of_backend(optional),
            legacy_option(optional)},
           joined(options_of_backend(optional),
                  {{"--host-key", "KEY", optional,
                    "its host key; by default, the first key that it presents is remembered"}})),
       "Adds a backend, a host that runs containers.", changes, kAdmin, backend_add},
      {"backend list",
       {},
       "Lists the backends, and checks whether each can be reached. LATENCY MS is the time that its sshd takes to "
       "answer.",
       reads,
       kAuditor,
       backend_list,
       ask_all_backends},
      {"backend show",
       {{"NAME", "", required, "the backend"}},
       "Shows a backend with its host key and its containers, and checks whether it can be reached.",
       reads,
       kAuditor,
       backend_show,
       ask_backend},
      {"backend set",
       joined(
           {{"NAME", "", required, "the backend"},
            {"--address", "HOST[:PORT]", some_of, "where its sshd listens now; a learned host key is forgotten",
             check_endpoint},
            {"--key", "KEY", some_of,
             "for a backend that dials in: the public key with which its machine logs in here now; links made with "
             "another key end"},
            {"--login", "USER", some_of, "the account on the backend that accepts the bastion's identity", check_login},
            {"--via", "BACKEND", some_of, "the backend through which this one is reached; or none"},
            capacity_of_backend(some_of),
            legacy_option(some_of),
            no_legacy_option()},
           joined(options_of_backend(some_of),
                  {{"--host-key", "KEY", some_of, "its host key, which replaces all known ones"}})),
       "Changes the settings of a backend.", changes, kAdmin, backend_set},
      {"backend drain",
       {{"NAME", "", required, "the backend"}},
       "Stops new logins to a backend and places no containers on it. Running sessions continue.",
       changes,
       kOperator,
       backend_drain},
      {"backend resume",
       {{"NAME", "", required, "the backend"}},
       "Makes a drained backend available again.",
       changes,
       kOperator,
       backend_resume},
      {"backend forget-host-key",
       {{"NAME", "", required, "the backend"}},
       "Forgets the host key of a backend that was reinstalled. The next key that it presents is remembered.",
       changes,
       kAdmin,
       backend_forget_host_key},
      {"backend remove",
       {{"NAME", "", required, "the backend"}, {"--yes", "", optional, "also remove every container on it"}},
       "Removes a backend. No other backend may be reached through it.",
       changes,
       kAdmin,
       backend_remove},
  };
}

}  // namespace bastion::admin
