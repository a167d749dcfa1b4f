#include "bastion/access/host.h"

#include <doctest/doctest.h>

namespace bastion::access {

TEST_CASE("a host has one form: addresses are canonical, names in small letters without a dot at the end") {
  struct Row {
    std::string_view text;
    std::string_view form;
  };
  const Row rows[] = {
      {"web", "web"},
      {"WEB", "web"},
      {"web.", "web"},
      {"Bob/Web.", "bob/web"},
      {"web..", "web."},
      {".", "."},
      {"", ""},
      {"FD00:0::5", "fd00::5"},
      {"10.0.3.1", "10.0.3.1"},
      {"::ffff:10.0.3.1", "10.0.3.1"},
      {"fe80::1%eth0", "fe80::1%eth0"},
      {"010.0.3.1", "010.0.3.1"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(comparable_host(row.text) == row.form);
  }
  CHECK(comparable_host(std::string_view("a\0B", 3)) == std::string_view("a\0b", 3));
}

TEST_CASE("loopback and link-local") {
  for (const auto* host : {"localhost", "127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::"}) {
    CAPTURE(host);
    CHECK(is_loopback(host));
    CHECK_FALSE(is_link_local(host));
  }
  for (const auto* host : {"169.254.0.1", "169.254.169.254", "fe80::1", "febf::1"}) {
    CAPTURE(host);
    CHECK(is_link_local(host));
    CHECK_FALSE(is_loopback(host));
  }
  for (const auto* host : {"", "localhost2", "local", "10.0.0.1", "128.0.0.1", "126.0.0.1", "::2", "fec0::1"}) {
    CAPTURE(host);
    CHECK_FALSE(is_loopback(host));
    CHECK_FALSE(is_link_local(host));
  }
}

}  // namespace bastion::access
