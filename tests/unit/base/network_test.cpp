#include "bastion/base/network.h"

#include <doctest/doctest.h>

#include <string_view>

namespace bastion {

TEST_CASE("an address is in a block when its first bits are those of the block") {
  struct Row {
    std::string_view network;
    std::string_view address;
    bool inside;
  };
  const Row rows[] = {
      {"10.0.0.0/8", "10.255.255.255", true},
      {"10.0.0.0/8", "11.0.0.0", false},
      {"10.1.2.0/23", "10.1.3.9", true},
      {"10.1.2.0/23", "10.1.4.0", false},
      {"10.1.2.3", "10.1.2.3", true},
      {"10.1.2.3", "10.1.2.4", false},
      {"10.1.2.3/32", "10.1.2.3", true},
      {"0.0.0.0/0", "192.0.2.1", true},
      {"0.0.0.0/0", "::1", false},
      {"::/0", "192.0.2.1", false},
      {"fe00::/7", "fd00::1", false},
      {"fc00::/7", "fd00::1", true},
      {"2001:db8::/33", "2001:db8:7fff::1", true},
      {"2001:db8::/33", "2001:db8:8000::1", false},
      {"fe80::1", "fe80::1%eth0", true},
      {"10.0.0.0/8", "::ffff:10.1.1.1", true},
      {"::ffff:10.1.1.1", "10.1.1.1", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.network);
    CAPTURE(row.address);
    const auto network = Network::parse(row.network);
    const auto address = address_of(row.address);
    REQUIRE(network);
    REQUIRE(address);
    CHECK(network->contains(*address) == row.inside);
  }
}

TEST_CASE("what is no block of addresses, and why") {
  struct Row {
    std::string_view text;
    std::string_view error;
  };
  const Row rows[] = {
      {"", " is no address and no block of addresses such as 10.0.0.0/8 or fd00::/8"},
      {"be1", "be1 is no address and no block of addresses such as 10.0.0.0/8 or fd00::/8"},
      {"10.0.0.0/33", "10.0.0.0/33 has no number from 0 to 32 after the slash"},
      {"10.0.0.0/", "10.0.0.0/ has no number from 0 to 32 after the slash"},
      {"10.0.0.0/-1", "10.0.0.0/-1 has no number from 0 to 32 after the slash"},
      {"fd00::/129", "fd00::/129 has no number from 0 to 128 after the slash"},
      {"10.1.0.0/8", "10.1.0.0/8 is not the beginning of a block: some bits after the first 8 are set"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto network = Network::parse(row.text);
    REQUIRE_FALSE(network);
    CHECK(network.error().text == row.error);
  }
}

TEST_CASE("an address is written in one way") {
  CHECK(text_of(*address_of("FD00:0::1")) == "fd00::1");
  CHECK(text_of(*address_of("::ffff:10.1.1.1")) == "10.1.1.1");
  CHECK_FALSE(address_of(std::string_view("10.1.1.1\0x", 10)));
}

TEST_CASE("the block an address is in, as it is read back") {
  struct Row {
    std::string_view address;
    std::size_t prefix;
    std::string_view network;
  };
  const Row rows[] = {
      {"192.0.2.77", 32, "192.0.2.77"},
      {"192.0.2.77", 24, "192.0.2.0/24"},
      {"192.0.2.77", 0, "0.0.0.0/0"},
      {"192.0.2.77", 64, "192.0.2.77"},
      {"2001:db8:1:2:3::4", 64, "2001:db8:1:2::/64"},
      {"2001:db8::1", 128, "2001:db8::1"},
      {"2001:db8::1", 0, "::/0"},
      {"::ffff:10.1.2.3", 16, "10.1.0.0/16"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.address);
    const auto address = address_of(row.address);
    REQUIRE(address);
    const auto network = Network::around(*address, row.prefix);
    CHECK(network.text() == row.network);
    CHECK(network.contains(*address));
    CHECK(Network::parse(network.text()) == network);
  }
}

TEST_CASE("a block is in another one when all of its addresses are") {
  struct Row {
    std::string_view outer;
    std::string_view inner;
    bool inside;
  };
  const Row rows[] = {
      {"10.0.0.0/8", "10.1.0.0/16", true},  {"10.0.0.0/8", "10.0.0.0/8", true}, {"10.1.0.0/16", "10.0.0.0/8", false},
      {"10.0.0.0/8", "11.0.0.0/16", false}, {"0.0.0.0/0", "::/0", false},       {"2001:db8::/64", "2001:db8::7", true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.outer);
    CAPTURE(row.inner);
    CHECK(Network::parse(row.outer)->contains(*Network::parse(row.inner)) == row.inside);
  }
}

}  // namespace bastion
