#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> host_key_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kHost =
      "a backend, or a container as `name` or `owner/name`; a name that both have is the backend's";
  return {
      {"host-key list",
       {{"HOST", "", optional, kHost}},
       "Lists the host keys of backends and containers: those that were learned or pinned, the one that a certificate "
       "vouched for last, with its CA, and the last one each has presented that is none of them, which was refused.",
       reads,
       kAuditor,
       host_key_list},
      {"host-key accept",
       {{"HOST", "", required, kHost},
        {"FINGERPRINT", "", required,
         "of the host key that it presented last and that was refused, as the machine itself says it: ssh-keygen -lf "
         "of its .pub file"}},
       "Takes the host key of a machine that was installed or made anew in place of those that are known.",
       changes,
       kAdmin,
       host_key_accept},
      {"host-key forget",
       {{"HOST", "", required, kHost},
        {"FINGERPRINT", "", optional, "the one that is meant, as `host-key list` shows it; all of them without it"}},
       "Forgets host keys, learned and pinned ones. When none is left, the next one it presents is remembered.",
       changes,
       kAdmin,
       host_key_forget},
      {"host-key pin",
       {{"HOST", "", required, kHost}, {"KEY", "", required, "a file, - for standard input, or the key itself"}},
       "Adds a host key to those that are known of a machine: any of them will do from then on.",
       changes,
       kAdmin,
       host_key_pin},
      {"host-key alias",
       {{"HOST", "", required, kHost},
        {"NAME", "", optional, "what the certificate has to name; without it, the alias is taken away",
         check_certified_name}},
       "Says which name a certificate of a machine's host key has to be for, as HostKeyAlias does in ssh_config. "
       "Without one, that is the address of what the bastion itself connects to; what is reached through a backend has "
       "none.",
       changes,
       kAdmin,
       host_key_alias},
      {"host-ca add",
       {{"KEY", "", required, "the public key of the CA: a file, - for standard input, or the key itself"},
        {"--hosts", "PATTERNS", optional,
         "whose certificates count, by the names they are for: *.example.com,!old.example.com; all, if it is not given",
         check_host_patterns}},
       "Trusts a CA for host keys, as @cert-authority does in known_hosts: a machine that shows a certificate of it, "
       "for the name it has here, is known. One that is trusted already gets the new patterns.",
       changes,
       kAdmin,
       host_ca_add},
      {"host-ca list", {}, "Lists the CAs that are trusted for host keys.", reads, kAuditor, host_ca_list},
      {"host-ca remove",
       {{"FINGERPRINT", "", required, "as `host-ca list` shows it: SHA256:…"}},
       "Trusts a CA no longer: machines that were known by its certificates only are refused from then on, until their "
       "host keys are pinned or forgotten. Sessions that are open stay.",
       changes,
       kAdmin,
       host_ca_remove},
  };
}

}  // namespace bastion::admin
