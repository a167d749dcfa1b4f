// What a login may do: the options that stand before a key in authorized_keys(5), kept for a user or for a key. Pure;
// the text may come from anywhere.
//
// The bastion enforces them itself, towards every container. What it cannot enforce is an error, never silence.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/access/sftp_access.h"
#include "bastion/base/network.h"
#include "bastion/base/result.h"

namespace bastion::access {

// One `host:port` of permitopen or permitlisten. `*` in place of the port is nothing here.
struct PermittedEnd {
  std::string host;
  std::optional<std::uint16_t> port;

  bool operator==(const PermittedEnd&) const = default;
};

// One item of from="…".
struct FromPattern {
  std::optional<Network> network;  // else a wildcard pattern
  std::string wildcards;
  bool negated = false;

  bool operator==(const FromPattern&) const = default;
};

// Everything is allowed unless said otherwise. Where there are several lists, each of them must permit.
struct Policy {
  bool local_forwarding = true;        // -L, -D, -W, -J: direct-tcpip
  bool remote_forwarding = true;       // -R: tcpip-forward
  bool streamlocal_forwarding = true;  // either way with unix sockets
  bool agent_forwarding = true;
  bool x11_forwarding = true;
  bool pty = true;
  bool verify_required = false;                           // only a security key that says that it has asked for its PIN
  SftpAccess sftp = {};                                   // which way files may go
  std::optional<std::string> command = std::nullopt;      // in place of whatever was asked for
  std::optional<std::int64_t> expires_at = std::nullopt;  // Unix seconds; from then on nobody is let in

  std::vector<std::vector<PermittedEnd>> open = {};
  std::vector<std::vector<PermittedEnd>> listen = {};
  std::vector<std::vector<FromPattern>> from = {};

  // A host as the client wrote it: names in any case, addresses in any form. Only the lists are asked: the switch is
  // another question.
  [[nodiscard]] bool permits_open(std::string_view host, std::uint16_t port) const;
  // A host as in RFC 4254 section 7.1, which may be empty; port 0 asks for any.
  [[nodiscard]] bool permits_listen(std::string_view host, std::uint16_t port) const;
  // What is no numeric address is permitted only where there is no list.
  [[nodiscard]] bool permits_from(std::string_view numeric_address) const;

  bool operator==(const Policy&) const = default;
};

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

// What both allow. The key's command goes before that of the user.
[[nodiscard]] Policy both(const Policy& user, const Policy& key);

// A line of authorized_keys, split: the options, if there are any, and the key behind them. Neither is looked at.
struct AuthorizedKey {
  std::string_view options;
  std::string_view key;
};
[[nodiscard]] AuthorizedKey split_authorized_key(std::string_view line);

}  // namespace bastion::access
