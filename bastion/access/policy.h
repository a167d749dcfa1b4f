// What a login may do, as it is said of a user or of a key: a value, and what may be asked of it. Its text is that of
// policy_options.h. Pure.
//
// The bastion enforces it itself, towards every container.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/access/sftp_access.h"
#include "bastion/base/network.h"

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

// What both allow. The key's command goes before that of the user.
[[nodiscard]] Policy both(const Policy& user, const Policy& key);

}  // namespace bastion::access
