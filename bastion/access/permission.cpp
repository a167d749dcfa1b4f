#include "bastion/access/permission.h"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string_view>

namespace bastion::access {
namespace {

using connection::ChannelOpen;
using connection::ChannelRequest;
using connection::GlobalRequest;

struct Switch {
  std::string_view message;  // the type of the channel, or the name of the request
  bool Policy::* allowed;
  std::string_view what;    // … disabled
  std::string_view option;  // by which it is
};

constexpr std::array kSwitches{
    Switch{"direct-tcpip", &Policy::local_forwarding, "local forwarding is", "no-local-forwarding"},
    Switch{"tun@openssh.com", &Policy::local_forwarding, "tunnel forwarding is", "no-local-forwarding"},
    Switch{"tcpip-forward", &Policy::remote_forwarding, "remote forwarding is", "no-remote-forwarding"},
    Switch{"forwarded-tcpip", &Policy::remote_forwarding, "remote forwarding is", "no-remote-forwarding"},
    Switch{"direct-streamlocal@openssh.com", &Policy::streamlocal_forwarding, "forwarding of unix sockets is",
           "no-streamlocal-forwarding"},
    Switch{"streamlocal-forward@openssh.com", &Policy::streamlocal_forwarding, "forwarding of unix sockets is",
           "no-streamlocal-forwarding"},
    Switch{"forwarded-streamlocal@openssh.com", &Policy::streamlocal_forwarding, "forwarding of unix sockets is",
           "no-streamlocal-forwarding"},
    Switch{"auth-agent-req@openssh.com", &Policy::agent_forwarding, "agent forwarding is", "no-agent-forwarding"},
    Switch{"auth-agent@openssh.com", &Policy::agent_forwarding, "agent forwarding is", "no-agent-forwarding"},
    Switch{"x11-req", &Policy::x11_forwarding, "X11 forwarding is", "no-X11-forwarding"},
    Switch{"x11", &Policy::x11_forwarding, "X11 forwarding is", "no-X11-forwarding"},
    Switch{"pty-req", &Policy::pty, "terminals are", "no-pty"},
};

std::optional<std::string> switched_off(const Policy& policy, std::string_view message) {
  for (const auto& one : kSwitches) {
    if (one.message == message && !(policy.*one.allowed)) {
      return fmt::format("{} disabled for you ({})", one.what, one.option);
    }
  }
  return std::nullopt;
}

// A port that is none is the container's to refuse.
std::uint16_t port_of(const connection::ForwardAddress& address) {
  return address.port > std::numeric_limits<std::uint16_t>::max() ? std::uint16_t{0}
                                                                  : static_cast<std::uint16_t>(address.port);
}

}  // namespace

std::optional<std::string> objection(const Policy& policy, const ChannelOpen& open) {
  if (auto off = switched_off(policy, open.type)) return off;
  if (open.type != "direct-tcpip") return std::nullopt;
  const auto to = connection::parse_direct_tcpip(open);
  if (!to) return "the destination is malformed";
  if (policy.permits_open(to->host, port_of(*to))) return std::nullopt;
  return fmt::format("forwards to {}:{} are disabled for you (permitopen)", to->host, to->port);
}

std::optional<std::string> objection(const Policy& policy, const GlobalRequest& request) {
  if (auto off = switched_off(policy, request.name)) return off;
  if (request.name != "tcpip-forward") return std::nullopt;
  const auto at = connection::parse_tcpip_forward(request);
  if (!at) return "the address to listen on is malformed";
  if (policy.permits_listen(at->host, port_of(*at))) return std::nullopt;
  return fmt::format("listening on port {} is disabled for you (permitlisten)", at->port);
}

std::optional<std::string> objection(const Policy& policy, const ChannelRequest& request) {
  return switched_off(policy, request.type);
}

}  // namespace bastion::access
