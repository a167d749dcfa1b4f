// The text of a policy: the options that stand before a key in authorized_keys(5), kept for a user or for a key. Pure;
// the text may come from anywhere. What the bastion cannot enforce is an error, never silence.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bastion/access/policy.h"
#include "bastion/base/result.h"

namespace bastion::access {

// Options with commas between them, read from left to right as OpenSSH does, words in any case:
//
//   restrict                             no forwarding of any kind, no pty
//   [no-]port-forwarding                 local, remote and streamlocal at once
//   [no-]local-forwarding                and [no-]remote-forwarding, [no-]streamlocal-forwarding: ours
//   [no-]agent-forwarding                and [no-]X11-forwarding, [no-]pty
//   user-rc                              says what is so anyway
//   permitopen="host:port"               repeatable; `*` for any host or any port; names are compared, never looked up
//   permitlisten="[host:]port"           repeatable; the host may have wildcards
//   command="…"                          instead of any command, subsystem or shell
//   verify-required                      a security key has to ask for its PIN, and no other key does
//   sftp="none|read|write|all"           which way files may go by SFTP, scp and rsync: ours; given again, both count
//   from="pattern-list"                  addresses, CIDR blocks, wildcards; `!` excludes
//   expiry-time="YYYYMMDD[HHMM[SS]][Z]"  UTC, with or without the Z
//
// In quotes, \" stands for a quote. Nothing but spaces is no option at all. The error names the option.
[[nodiscard]] Result<Policy> parse_policy(std::string_view options);

// What stands before a key of a user: the same, and what makes it the key of a CA that is trusted for this user:
//
//   cert-authority                       not the key itself, but certificates that it has signed let the user in
//   principals="name,name"               of those, the ones that name one of these; without it, the user's own name
struct KeyOptions {
  Policy policy;
  bool is_ca = false;
  std::vector<std::string> principals = {};
};
[[nodiscard]] Result<KeyOptions> parse_key_options(std::string_view options);

}  // namespace bastion::access
