#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/parameters.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {
namespace {

Parameter capacity_of_backend(Parameter::Presence presence) {
  return {"--capacity", "N", presence, "how many containers it has room for; or none, for as many as there are",
          check_capacity};
}

// What is said of a backend beside where it is, when it is added and later on.
std::vector<Parameter> options_of_backend(Parameter::Presence presence) {
  return {identity_option(presence),
          {"--wake", "HOOK", presence,
           "the hook that starts it when a login cannot reach it: the name of a program in the folder `wake_hooks`; or "
           "none",
           check_hook_or_none},
          {"--source", "DAEMON", presence,
           "ask the daemon there every --every what runs, incus or lxd, and let the directory follow; or none",
           check_program_or_none},
          {"--every", "D", presence, "how often it is asked: 60s, if it is not given", check_duration},
          {"--project", "P", presence,
           "the project that is asked for; without this, the default one of the account there", check_project},
          {"--interface", "NIC", presence,
           "which network card counts, where several have an address; without this, that of the profile, or eth0",
           check_interface},
          {"--map", "MEMBER=BACKEND", Parameter::Presence::repeated,
           "a member of the cluster, and the backend that it is; with this, containers move between those, and none is "
           "looked for elsewhere",
           check_member},
          {"--groups", "GROUPS", presence,
           "the only groups that it serves: ops,dev; then it has containers of nobody else; or none, for everybody",
           check_names_or_none}};
}

}  // namespace

std::vector<Command> backend_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  return {
      {"backend add",
       joined({{"NAME", "", required, "what it is called here", check_name},
               {"HOST", "HOST[:PORT]", optional,
                "where its sshd is, as seen from the bastion or from --via; left out with --reverse", check_endpoint},
               {"--login", "USER", required, "the account there that accepts the bastion's identity", check_login},
               {"--reverse", "", optional,
                "it dials in: its machine runs ssh -N -R 22:localhost:22 NAME@ and the name of this bastion"},
               {"--key", "KEY", optional, "with --reverse: the public key that its machine logs in here with"},
               {"--via", "BACKEND", optional, "another backend, through which it is reached"},
               {"--direct", "", optional,
                "its containers are reached without logging in to it: from the last backend before it, or from the "
                "bastion"},
               capacity_of_backend(optional),
               legacy_option(optional)},
              joined(options_of_backend(optional),
                     {{"--host-key", "KEY", optional,
                       "its host key; without this, the first one it presents is remembered"}})),
       "Adds a host that runs containers.", changes, kAdmin, backend_add},
      {"backend list",
       {},
       "Lists the backends, and asks each whether it can be reached: LATENCY MS is a question to its sshd and the "
       "answer.",
       reads,
       kAuditor,
       backend_list,
       ask_all_backends},
      {"backend show",
       {{"NAME", "", required, "the backend"}},
       "Shows a backend with its host key and its containers, and whether it can be reached.",
       reads,
       kAuditor,
       backend_show,
       ask_backend},
      {"backend set",
       joined({{"NAME", "", required, "the backend"},
               {"--address", "HOST[:PORT]", some_of, "where its sshd is now; a host key that was learned is forgotten",
                check_endpoint},
               {"--key", "KEY", some_of,
                "of one that dials in: the key that its machine logs in here with now; links that were made with "
                "another one end"},
               {"--login", "USER", some_of, "the account there that accepts the bastion's identity", check_login},
               {"--via", "BACKEND", some_of, "the backend through which it is reached; or none"},
               capacity_of_backend(some_of),
               legacy_option(some_of),
               no_legacy_option()},
              joined(options_of_backend(some_of),
                     {{"--host-key", "KEY", some_of, "its host key, in place of those that are known"}})),
       "Changes a backend.", changes, kAdmin, backend_set},
      {"backend drain",
       {{"NAME", "", required, "the backend"}},
       "Lets nobody new through to a backend and puts no container there, while running sessions go on.",
       changes,
       kOperator,
       backend_drain},
      {"backend resume",
       {{"NAME", "", required, "the backend"}},
       "Ends what `backend drain` began.",
       changes,
       kOperator,
       backend_resume},
      {"backend forget-host-key",
       {{"NAME", "", required, "the backend"}},
       "Forgets the host key of a backend that was installed anew: the next one it presents is remembered.",
       changes,
       kAdmin,
       backend_forget_host_key},
      {"backend remove",
       {{"NAME", "", required, "the backend"}, {"--yes", "", optional, "with every container on it"}},
       "Removes a backend. No other one may be reached via it.",
       changes,
       kAdmin,
       backend_remove},
  };
}

}  // namespace bastion::admin
