#include "bastion/base/endpoint.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion {

TEST_CASE("addresses as people write them") {
  struct Row {
    std::string_view text;
    std::string_view host;
    std::uint16_t port;
  };
  const Row rows[] = {
      {"be1", "be1", 22},
      {"be1.example:2222", "be1.example", 2222},
      {"10.1.1.1", "10.1.1.1", 22},
      {"10.1.1.1:1", "10.1.1.1", 1},
      {"[fd00::1]:22", "fd00::1", 22},
      {"[fd00::1]", "fd00::1", 22},
      {"fd00::1", "fd00::1", 22},
      {"[FD00:0::1]:65535", "fd00::1", 65535},
      {"::", "::", 22},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto endpoint = parse_endpoint(row.text, 22);
    REQUIRE(endpoint);
    CHECK(endpoint->host == row.host);
    CHECK(endpoint->port == row.port);
    CHECK(parse_endpoint(endpoint->text(), std::nullopt) == *endpoint);
  }
}

TEST_CASE("what is no address") {
  const std::string_view rows[] = {"",        ":",     ":22",     "be1:",     "be1:x",    "be1:0",       "be1:65536",
                                   "be1:22x", "be 1",  "-oProxy", "[be1]:22", "[fd00::1", "[fd00::1]22", "[]:22",
                                   "a@b",     "a:b:c", "be1:+22", "be1:-1",   "[::1]:",   "b\n",         "a/b"};
  for (const auto row : rows) {
    CAPTURE(row);
    CHECK_FALSE(parse_endpoint(row, 22));
  }
}

TEST_CASE("numeric addresses have one way to be written") {
  CHECK(canonical_address("fd00:0:0::1") == "fd00::1");
  CHECK(canonical_address("10.0.3.100") == "10.0.3.100");
  CHECK_FALSE(canonical_address("10.0.3"));
  CHECK_FALSE(canonical_address("be1"));
  CHECK_FALSE(canonical_address(""));
}

}  // namespace bastion
