#include "bastion/base/local_address.h"

#include <doctest/doctest.h>

namespace bastion {

TEST_CASE("a local address is a port of loopback, or a unix socket") {
  for (const auto* const text : {"127.0.0.1:9222", "127.1.2.3:1", "[::1]:9222", "unix:/run/bastion/metrics.sock"}) {
    const auto address = LocalAddress::parse(text);
    REQUIRE_MESSAGE(address.has_value(), text);
    CHECK(address->text() == text);
  }
  CHECK(LocalAddress::parse("unix:/run/m")->unix_socket == "/run/m");
  CHECK(LocalAddress::parse("127.0.0.1:9222")->port == Endpoint{"127.0.0.1", 9222});
}

TEST_CASE("what others reach is no local address") {
  for (const auto* const text :
       {"0.0.0.0:9222", "[::]:9222", "10.0.0.1:9222", "128.0.0.1:9222", "[::2]:9222", "localhost:9222", "127.0.0.1",
        "unix:", "unix:metrics.sock", "unix:/run/", "/run/metrics.sock", ""}) {
    CAPTURE(text);
    CHECK_FALSE(LocalAddress::parse(text).has_value());
  }
}

}  // namespace bastion
