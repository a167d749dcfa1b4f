#include "bastion/admin/commands/handlers.h"
#include "bastion/admin/commands/rows.h"
#include "bastion/admin/manifest/checks.h"

namespace bastion::admin {

std::vector<Command> host_key_rows() {
  using enum Parameter::Presence;
  using enum Command::Effect;
  constexpr std::string_view kHost =
      "a backend, or a container as `name` or `owner/name`; if both have the name, it is the backend";
  return {
      {"host-key list",
       {{"HOST", "", optional, kHost}},
       "Lists the host keys of backends and containers. Listed are the learned and pinned keys, the key for which a "
       "certificate last vouched, with its CA, and the last key that was refused because it is none of these.",
       reads,
       kAuditor,
       host_key_list},
      {"host-key accept",
       {{"HOST", "", required, kHost},
        {"FINGERPRINT", "", required,
         "the fingerprint of the key that was presented last and refused; read it on the machine itself with "
         "ssh-keygen -lf on its .pub file"}},
       "Accepts the new host key of a machine that was reinstalled or recreated, in place of the known keys.",
       changes,
       kAdmin,
       host_key_accept},
      {"host-key forget",
       {{"HOST", "", required, kHost},
        {"FINGERPRINT", "", optional, "the key to forget, as shown by `host-key list`; by default, all of them"}},
       "Forgets host keys, both learned and pinned. When none is left, the next key that is presented is remembered.",
       changes,
       kAdmin,
       host_key_forget},
      {"host-key pin",
       {{"HOST", "", required, kHost}, {"KEY", "", required, "a file, - for standard input, or the key itself"}},
       "Adds a host key to the known keys of a machine. From then on each of them is accepted.",
       changes,
       kAdmin,
       host_key_pin},
      {"host-key alias",
       {{"HOST", "", required, kHost},
        {"NAME", "", optional, "the name that the certificate must contain; without it, the alias is removed",
         check_certified_name}},
       "Sets the name that the certificate of a machine's host key must contain, as HostKeyAlias in ssh_config(5). "
       "Without an alias, it is the address that the bastion itself connects to; a machine that is reached through a "
       "backend has no such address.",
       changes,
       kAdmin,
       host_key_alias},
      {"host-ca add",
       {{"KEY", "", required, "the public key of the CA: a file, - for standard input, or the key itself"},
        {"--hosts", "PATTERNS", optional,
         "accept only certificates for these host names: *.example.com,!old.example.com; by default, for all",
         check_host_patterns}},
       "Trusts a CA for host keys, as @cert-authority in known_hosts. A machine that presents one of its certificates, "
       "for the name that it has here, is known. If the CA is already trusted, it gets the new patterns.",
       changes,
       kAdmin,
       host_ca_add},
      {"host-ca list", {}, "Lists the CAs that are trusted for host keys.", reads, kAuditor, host_ca_list},
      {"host-ca remove",
       {{"FINGERPRINT", "", required, "the CA, as shown by `host-ca list`: SHA256:…"}},
       "Stops trusting a CA for host keys. Machines that were known only by its certificates are refused until their "
       "host keys are pinned or forgotten. Open sessions stay.",
       changes,
       kAdmin,
       host_ca_remove},
  };
}

}  // namespace bastion::admin
