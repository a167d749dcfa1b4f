#include "bastion/access/permission.h"

#include <doctest/doctest.h>

#include <string>

#include "bastion/access/policy_options.h"
#include "bastion/base/wire_format.h"

namespace bastion::access {
namespace {

using connection::ChannelOpen;
using connection::ChannelRequest;
using connection::GlobalRequest;

Policy policy_of(std::string_view options) {
  auto parsed = parse_policy(options);
  REQUIRE(parsed);
  return *std::move(parsed);
}

ByteVector address(std::string_view host, std::uint32_t port) {
  WireWriter out;
  out.string(host).u32(port);
  return out.take();
}

ByteVector destination(std::string_view host, std::uint32_t port) {
  WireWriter out;
  out.string(host).u32(port).string(std::string_view{"127.0.0.1"}).u32(4000);
  return out.take();
}

std::string opening(std::string_view options, std::string_view type) {
  const auto payload = destination("db", 5432);
  return objection(policy_of(options), ChannelOpen{type, 0, 0, 0, payload}).value_or("allowed");
}

std::string asking(std::string_view options, std::string_view name) {
  const auto payload = address("localhost", 8080);
  return objection(policy_of(options), GlobalRequest{name, true, payload}).value_or("allowed");
}

std::string requesting(std::string_view options, std::string_view type) {
  return objection(policy_of(options), ChannelRequest{0, type, true, {}}).value_or("allowed");
}

}  // namespace

TEST_CASE("each switch refuses its own messages and no others") {
  CHECK(opening("", "direct-tcpip") == "allowed");
  CHECK(opening("no-local-forwarding", "direct-tcpip") == "local forwarding is disabled for you (no-local-forwarding)");
  CHECK(opening("no-local-forwarding", "forwarded-tcpip") == "allowed");
  CHECK(opening("no-remote-forwarding", "forwarded-tcpip") ==
        "remote forwarding is disabled for you (no-remote-forwarding)");
  CHECK(asking("no-remote-forwarding", "tcpip-forward") ==
        "remote forwarding is disabled for you (no-remote-forwarding)");
  CHECK(asking("no-remote-forwarding", "streamlocal-forward@openssh.com") == "allowed");
  CHECK(asking("no-streamlocal-forwarding", "streamlocal-forward@openssh.com").contains("unix sockets"));
  CHECK(opening("no-streamlocal-forwarding", "direct-streamlocal@openssh.com").contains("unix sockets"));
  CHECK(opening("no-agent-forwarding", "auth-agent@openssh.com").contains("agent"));
  CHECK(requesting("no-agent-forwarding", "auth-agent-req@openssh.com").contains("agent"));
  CHECK(opening("no-X11-forwarding", "x11").contains("X11"));
  CHECK(requesting("no-X11-forwarding", "x11-req").contains("X11"));
  CHECK(requesting("no-pty", "pty-req").contains("terminal"));
  CHECK(requesting("no-pty", "shell") == "allowed");
}

TEST_CASE("a restricted key opens sessions and nothing else") {
  CHECK(opening("restrict", "session") == "allowed");
  CHECK(requesting("restrict", "exec") == "allowed");
  CHECK(requesting("restrict", "env") == "allowed");
  for (const auto* type : {"direct-tcpip", "direct-streamlocal@openssh.com", "tun@openssh.com", "x11",
                           "auth-agent@openssh.com", "forwarded-tcpip", "forwarded-streamlocal@openssh.com"}) {
    CAPTURE(type);
    CHECK(opening("restrict", type) != "allowed");
  }
}

TEST_CASE("lists name what may be opened and listened on") {
  CHECK(opening("permitopen=\"db:5432\"", "direct-tcpip") == "allowed");
  CHECK(opening("permitopen=\"db:5433\"", "direct-tcpip") == "forwards to db:5432 are disabled for you (permitopen)");
  CHECK(asking("permitlisten=\"8080\"", "tcpip-forward") == "allowed");
  CHECK(asking("permitlisten=\"8081\"", "tcpip-forward") ==
        "listening on port 8080 is disabled for you (permitlisten)");
}

TEST_CASE("what cannot be read is refused") {
  CHECK(objection(policy_of(""), ChannelOpen{"direct-tcpip", 0, 0, 0, {}}));
  CHECK(objection(policy_of(""), GlobalRequest{"tcpip-forward", true, {}}));
}

}  // namespace bastion::access
