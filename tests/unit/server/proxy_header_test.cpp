#include "bastion/server/proxy_header.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "bastion/base/match.h"

namespace bastion::server {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

const Endpoint kBalancer{"10.1.0.5", 4000};

std::string said(const AcceptStage::Verdict& verdict) {
  return std::visit(Match{[](const AcceptStage::Wait& wait) { return fmt::format("wait {}", wait.bytes); },
                          [](const AcceptStage::Pass& pass) {
                            return fmt::format("{}{} behind {}", pass.is_check ? "check " : "", pass.from.text(),
                                               pass.bytes);
                          },
                          [](const AcceptStage::Drop&) { return std::string("drop"); }},
                    verdict);
}

std::string read(std::string_view first) { return said(read_proxy_header(kBalancer, bytes_of(first))); }

// Version 2: a command and a transport as the wire has them, and what stands behind the length.
std::string header(std::uint8_t command, std::uint8_t transport, std::string_view block) {
  std::string text("\r\n\r\n\0\r\nQUIT\n"sv);
  text += static_cast<char>(command);
  text += static_cast<char>(transport);
  text += static_cast<char>(block.size() >> 8U);
  text += static_cast<char>(block.size() & 0xffU);
  return text.append(block);
}

constexpr std::uint8_t kLocal = 0x20;
constexpr std::uint8_t kProxy = 0x21;
constexpr std::uint8_t kTcp4 = 0x11;
constexpr std::uint8_t kTcp6 = 0x21;

const std::string kFrom4 = "\xc0\x00\x02\x01\xc0\x00\x02\xfe\xdd\xd5\x00\x16"s;
const std::string kFrom6 =
    "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x07" + std::string(16, '\1') + "\xdd\xd5\x00\x16"s;
const std::string kMapped =
    std::string(10, '\0') + "\xff\xff\xc0\x00\x02\x01"s + std::string(16, '\1') + "\xdd\xd5\x00\x16"s;

}  // namespace

TEST_CASE("proxy header: version 1") {
  struct Row {
    std::string_view text;
    std::string_view verdict;
  };
  const auto rows = std::to_array<Row>({
      {"PROXY TCP4 192.0.2.1 192.0.2.254 56789 22\r\nSSH-2.0-x", "192.0.2.1:56789 behind 43"},
      {"PROXY TCP6 2001:db8::7 2001:db8::1 56789 22\r\n", "[2001:db8::7]:56789 behind 45"},
      {"PROXY TCP6 2001:DB8:0:0::7 2001:db8::1 1 22\r\n", "[2001:db8::7]:1 behind 45"},
      {"PROXY TCP6 ::ffff:192.0.2.1 ::1 1 22\r\n", "192.0.2.1:1 behind 38"},
      {"PROXY TCP4 10.1.0.5 192.0.2.254 56789 22\r\n", "check 10.1.0.5:56789 behind 42"},
      {"PROXY UNKNOWN\r\n", "check 10.1.0.5:4000 behind 15"},
      {"PROXY UNKNOWN what it likes\r\n", "check 10.1.0.5:4000 behind 29"},
      {"", "wait 1"},
      {"P", "wait 2"},
      {"PROXY", "wait 6"},
      {"PROXY TCP4 192.0.2.1 192.0.2.254 56789 22\r", "wait 43"},
      {"PROXX", "drop"},
      {"PROXY UNKNOWNS\r\n", "drop"},
      {"PROXY TCP5 192.0.2.1 192.0.2.254 56789 22\r\n", "drop"},
      {"PROXY TCP6 192.0.2.1 192.0.2.254 56789 22\r\n", "drop"},
      {"PROXY TCP4 2001:db8::7 2001:db8::1 56789 22\r\n", "drop"},
      {"PROXY TCP6 fe80::1%eth0 2001:db8::1 56789 22\r\n", "drop"},
      {"PROXY TCP4 192.0.2.1 192.0.2.254 56789\r\n", "drop"},
      {"PROXY TCP4 192.0.2.1 192.0.2.254 56789 22 1\r\n", "drop"},
      {"PROXY TCP4  192.0.2.1 192.0.2.254 56789 22\r\n", "drop"},
      {"PROXY TCP4 192.0.2.1 192.0.2.254 65536 22\r\n", "drop"},
      {"PROXY TCP4 192.0.2.1 192.0.2.254 -1 22\r\n", "drop"},
      {"PROXY TCP4 192.0.2.1 192.0.2.254 022 22\r\n", "drop"},
      {"PROXY TCP4 192.0.2 192.0.2.254 56789 22\r\n", "drop"},
      {"PROXY TCP4 192.0.2.1\x00 192.0.2.254 56789 22\r\n"sv, "drop"},
      {"SSH-2.0-OpenSSH_9.2\r\n", "drop"},
  });
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(read(row.text) == row.verdict);
  }
  const std::string endless = "PROXY UNKNOWN " + std::string(200, 'x');
  CHECK(read(endless.substr(0, 106)) == "wait 107");
  CHECK(read(endless.substr(0, 107)) == "drop");
}

TEST_CASE("proxy header: version 2") {
  CHECK(read(header(kProxy, kTcp4, kFrom4) + "SSH-2.0-x") == "192.0.2.1:56789 behind 28");
  CHECK(read(header(kProxy, kTcp6, kFrom6)) == "[2001:db8::7]:56789 behind 52");
  CHECK(read(header(kProxy, kTcp6, kMapped)) == "192.0.2.1:56789 behind 52");
  // What others add behind the addresses is passed over.
  CHECK(read(header(kProxy, kTcp4, kFrom4 + "\x04\x00\x02xx"s)) == "192.0.2.1:56789 behind 33");
  CHECK(read(header(kLocal, 0, "")) == "check 10.1.0.5:4000 behind 16");
  CHECK(read(header(kLocal, kTcp4, kFrom4)) == "check 10.1.0.5:4000 behind 28");

  CHECK(read(header(kProxy, kTcp4, kFrom4).substr(0, 1)) == "wait 16");
  CHECK(read(header(kProxy, kTcp4, kFrom4).substr(0, 15)) == "wait 16");
  CHECK(read(header(kProxy, kTcp4, kFrom4).substr(0, 16)) == "wait 28");

  CHECK(read(header(kProxy, kTcp4, kFrom4.substr(1))) == "drop");
  CHECK(read(header(kProxy, kTcp6, kFrom4)) == "drop");
  CHECK(read(header(kProxy, 0, kFrom4)) == "drop");
  CHECK(read(header(kProxy, 0x12, kFrom4)) == "drop");  // UDP
  CHECK(read(header(kProxy, 0x31, std::string(216, 'x'))) == "drop");
  CHECK(read(header(0x22, kTcp4, kFrom4)) == "drop");
  CHECK(read(header(0x11, kTcp4, kFrom4)) == "drop");
  CHECK(read(header(kProxy, kTcp4, std::string(AcceptStage::kMostBytes - 16, '\0'))).ends_with("behind 4096"));
  CHECK(read(header(kProxy, kTcp4, std::string(AcceptStage::kMostBytes - 15, '\0')).substr(0, 16)) == "drop");
}

TEST_CASE("proxy header: it counts from the networks that were named, and has to be there") {
  const auto network = Network::parse("10.1.0.0/24");
  REQUIRE(network.has_value());
  const auto line = bytes_of("PROXY TCP4 192.0.2.1 192.0.2.254 1 22\r\n");
  ProxyHeader stage({});
  CHECK(said(stage.look(kBalancer, {})) == "10.1.0.5:4000 behind 0");
  stage.trust({*network});
  CHECK(said(stage.look(kBalancer, {})) == "wait 1");
  CHECK(said(stage.look(kBalancer, line)) == "192.0.2.1:1 behind 39");
  CHECK(said(stage.look(kBalancer, bytes_of("SSH-2.0-x\r\n"))) == "drop");
  CHECK(said(stage.look({"10.1.1.5", 4000}, {})) == "10.1.1.5:4000 behind 0");
}

}  // namespace bastion::server
