// What a container may open towards the user, by what the user has asked for.
#include "bastion/connection/permitted_opens.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

constexpr std::uint32_t kSession = 3;
constexpr std::uint32_t kOtherSession = 4;

using Wire = std::vector<ByteVector>;  // owns what the messages below view

GlobalRequest tcpip(Wire& wire, std::string_view name, std::string_view address, std::uint32_t port) {
  WireWriter out;
  out.string(address).u32(port);
  wire.push_back(out.take());
  return {name, true, wire.back()};
}
GlobalRequest streamlocal(Wire& wire, std::string_view name, std::string_view path) {
  WireWriter out;
  out.string(path);
  wire.push_back(out.take());
  return {name, true, wire.back()};
}
ByteVector port_of_reply(std::uint32_t port) {
  WireWriter out;
  out.u32(port);
  return out.take();
}

bool admits(PermittedOpens& opens, std::string_view type, Bytes payload = {}) {
  return opens.admit(ChannelOpen{type, 1, 1000, 1000, payload});
}
bool admits_tcpip(PermittedOpens& opens, std::string_view address, std::uint32_t port) {
  WireWriter out;
  out.string(address).u32(port).string(std::string_view{"192.0.2.1"}).u32(40000);
  return admits(opens, "forwarded-tcpip", out.view());
}
bool admits_streamlocal(PermittedOpens& opens, std::string_view path) {
  WireWriter out;
  out.string(path).string(std::string_view{});
  return admits(opens, "forwarded-streamlocal@openssh.com", out.view());
}

void granted(PermittedOpens& opens, const GlobalRequest& request, Bytes reply = {}) {
  const auto change = PermittedOpens::change_of(request);
  REQUIRE(change);
  opens.request(*change);
  opens.grant(*change, reply);
}
void ask_for_display(PermittedOpens& opens, std::uint32_t session, bool single) {
  WireWriter out;
  out.boolean(single).string(std::string_view{"MIT-MAGIC-COOKIE-1"}).string(std::string_view{"00"}).u32(0);
  opens.ask(session, ChannelRequest{0, "x11-req", true, out.view()});
}

}  // namespace

TEST_CASE("what nobody has asked for may not be opened") {
  PermittedOpens opens;
  for (const auto* type :
       {"auth-agent@openssh.com", "x11", "session", "direct-tcpip", "direct-streamlocal@openssh.com", "tun@openssh.com",
        "forwarded-tcpip", "forwarded-streamlocal@openssh.com", "unheard-of", ""}) {
    CAPTURE(type);
    CHECK_FALSE(admits(opens, type));
  }
  CHECK_FALSE(admits_tcpip(opens, "localhost", 80));
  CHECK_FALSE(admits_streamlocal(opens, "/run/a.sock"));
}

TEST_CASE("whatever is asked for, a container opens no session and no connection out of the user's machine") {
  Wire wire;
  PermittedOpens opens;
  opens.ask(kSession, ChannelRequest{0, "auth-agent-req@openssh.com", true, {}});
  ask_for_display(opens, kSession, false);
  granted(opens, tcpip(wire, "tcpip-forward", "", 80));
  for (const auto* type : {"session", "direct-tcpip", "direct-streamlocal@openssh.com", "tun@openssh.com"}) {
    CAPTURE(type);
    CHECK_FALSE(admits(opens, type));
  }
}

TEST_CASE("an agent that was asked for is there until the connection ends") {
  PermittedOpens opens;
  opens.ask(kSession, ChannelRequest{0, "auth-agent-req@openssh.com", false, {}});
  opens.end_session(kSession);
  CHECK(admits(opens, "auth-agent@openssh.com"));
  CHECK_FALSE(admits(opens, "x11"));
  opens.clear();
  CHECK_FALSE(admits(opens, "auth-agent@openssh.com"));
}

TEST_CASE("a display is there for as long as a session that has asked for it, and once where it asked for one") {
  PermittedOpens opens;
  ask_for_display(opens, kSession, false);
  CHECK(admits(opens, "x11"));
  CHECK(admits(opens, "x11"));
  CHECK_FALSE(admits(opens, "auth-agent@openssh.com"));
  ask_for_display(opens, kOtherSession, true);
  opens.end_session(kSession);
  CHECK(admits(opens, "x11"));
  CHECK_FALSE(admits(opens, "x11"));
  opens.end_session(kOtherSession);
  CHECK_FALSE(admits(opens, "x11"));
}

TEST_CASE("each single connection that was asked for is one, and is gone with its session") {
  PermittedOpens opens;
  ask_for_display(opens, kSession, true);
  ask_for_display(opens, kOtherSession, true);
  CHECK(admits(opens, "x11"));
  CHECK(admits(opens, "x11"));
  CHECK_FALSE(admits(opens, "x11"));
  ask_for_display(opens, kSession, true);
  opens.end_session(kSession);
  CHECK_FALSE(admits(opens, "x11"));
}

TEST_CASE("a forward is known by its port and by the address it was asked for") {
  struct Row {
    const char* asked;
    const char* connected;
    bool admitted;
  };
  const Row rows[] = {
      {"localhost", "localhost", true},  // as OpenSSH says it
      {"localhost", "127.0.0.1", true},  // as others do
      {"localhost", "::1", true},
      {"localhost", "10.0.3.100", false},
      {"localhost", "", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "localhost", false},
      {"127.0.0.1", "127.0.0.2", false},
      {"", "", true},
      {"", "10.0.3.100", true},  // every address was asked for
      {"0.0.0.0", "10.0.3.100", true},
      {"::", "fd00::1", true},
      {"*", "127.0.0.1", true},
      {"web.example", "web.example", true},
      {"web.example", "WEB.example", false},
      {"web.example", "web", false},
  };
  for (const auto& row : rows) {
    CAPTURE(row.asked);
    CAPTURE(row.connected);
    Wire wire;
    PermittedOpens opens;
    granted(opens, tcpip(wire, "tcpip-forward", row.asked, 8080));
    CHECK(admits_tcpip(opens, row.connected, 8080) == row.admitted);
    CHECK_FALSE(admits_tcpip(opens, row.connected, 8081));
    CHECK_FALSE(admits_tcpip(opens, row.connected, 0));
    CHECK_FALSE(admits_streamlocal(opens, row.connected));
  }
}

TEST_CASE("of port 0 the reply has the port, and a reply without one grants nothing") {
  Wire wire;
  PermittedOpens opens;
  granted(opens, tcpip(wire, "tcpip-forward", "localhost", 0), port_of_reply(40123));
  CHECK(admits_tcpip(opens, "localhost", 40123));
  CHECK_FALSE(admits_tcpip(opens, "localhost", 0));
  granted(opens, tcpip(wire, "cancel-tcpip-forward", "localhost", 40123));
  CHECK_FALSE(admits_tcpip(opens, "localhost", 40123));
  granted(opens, tcpip(wire, "tcpip-forward", "localhost", 0));
  CHECK_FALSE(admits_tcpip(opens, "localhost", 0));
}

TEST_CASE("a cancel takes back one forward, the one it names") {
  Wire wire;
  PermittedOpens opens;
  granted(opens, tcpip(wire, "tcpip-forward", "localhost", 80));
  granted(opens, tcpip(wire, "tcpip-forward", "", 80));
  granted(opens, tcpip(wire, "tcpip-forward", "localhost", 81));
  granted(opens, streamlocal(wire, "streamlocal-forward@openssh.com", "/run/a.sock"));
  granted(opens, streamlocal(wire, "streamlocal-forward@openssh.com", "/run/b.sock"));
  granted(opens, tcpip(wire, "cancel-tcpip-forward", "", 80));
  granted(opens, streamlocal(wire, "cancel-streamlocal-forward@openssh.com", "/run/a.sock"));
  CHECK(admits_tcpip(opens, "localhost", 80));
  CHECK_FALSE(admits_tcpip(opens, "10.0.3.100", 80));
  CHECK(admits_tcpip(opens, "localhost", 81));
  CHECK_FALSE(admits_streamlocal(opens, "/run/a.sock"));
  CHECK(admits_streamlocal(opens, "/run/b.sock"));
  CHECK_FALSE(admits_tcpip(opens, "/run/b.sock", 0));
}

TEST_CASE("what is malformed admits nothing, and changes nothing") {
  Wire wire;
  PermittedOpens opens;
  granted(opens, tcpip(wire, "tcpip-forward", "", 80));
  for (std::size_t size = 0; size < 8; ++size) {
    CHECK_FALSE(admits(opens, "forwarded-tcpip", ByteVector(size)));
    CHECK_FALSE(PermittedOpens::change_of(GlobalRequest{"cancel-tcpip-forward", true, ByteVector(size + 9)}));
  }
  CHECK_FALSE(PermittedOpens::change_of(GlobalRequest{"keepalive@openssh.com", true, {}}));
  opens.ask(kSession, ChannelRequest{0, "env", true, {}});
  CHECK_FALSE(admits(opens, "x11"));
}

TEST_CASE("forwards are bounded in number and length") {
  Wire wire;
  PermittedOpens opens;
  const std::string longest(PermittedOpens::kLongestPlace, 'p');
  const std::string too_long(PermittedOpens::kLongestPlace + 1, 'p');
  const auto listen = [&](const std::string& path) {
    return *PermittedOpens::change_of(streamlocal(wire, "streamlocal-forward@openssh.com", path));
  };
  CHECK(opens.objection_to(listen(longest)).empty());
  CHECK(opens.objection_to(listen(too_long)) == "the address of a forward is too long");
  for (std::size_t i = 0; i < PermittedOpens::kMostForwards; ++i) opens.request(listen("/run/a"));  // no reply yet
  CHECK(opens.objection_to(listen("/run/b")) == "there are too many forwards in one connection");
  opens.request(listen("/run/b"));
  CHECK_FALSE(admits_streamlocal(opens, "/run/b"));
  granted(opens, streamlocal(wire, "cancel-streamlocal-forward@openssh.com", "/run/a"));
  CHECK(opens.objection_to(listen("/run/b")).empty());
  opens.request(listen("/run/b"));
  CHECK_FALSE(opens.objection_to(listen("/run/c")).empty());
  opens.refuse(listen("/run/a"));
  CHECK(opens.objection_to(listen("/run/c")).empty());
}

TEST_CASE("a forward is open from the request on, until it is refused; of port 0 when the port is known") {
  Wire wire;
  PermittedOpens opens;
  const auto fixed = *PermittedOpens::change_of(tcpip(wire, "tcpip-forward", "localhost", 80));
  opens.request(fixed);
  CHECK(admits_tcpip(opens, "localhost", 80));
  opens.request(fixed);  // a second time, which no server grants
  opens.grant(fixed, {});
  opens.refuse(fixed);
  CHECK(admits_tcpip(opens, "localhost", 80));
  opens.refuse(fixed);
  CHECK_FALSE(admits_tcpip(opens, "localhost", 80));

  const auto any = *PermittedOpens::change_of(tcpip(wire, "tcpip-forward", "", 0));
  opens.request(any);
  opens.request(any);
  CHECK_FALSE(admits_tcpip(opens, "localhost", 0));
  CHECK_FALSE(admits_tcpip(opens, "localhost", 40123));
  opens.grant(any, port_of_reply(40123));
  CHECK(admits_tcpip(opens, "localhost", 40123));
  CHECK_FALSE(admits_tcpip(opens, "localhost", 0));
  opens.refuse(any);
  CHECK(admits_tcpip(opens, "localhost", 40123));
  CHECK_FALSE(admits_tcpip(opens, "localhost", 0));
}

}  // namespace bastion::connection
