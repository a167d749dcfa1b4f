#include "bastion/server/ban_list.h"

#include <doctest/doctest.h>

#include <string_view>

namespace bastion::server {

TEST_CASE("ban list: an address is banned when one of the networks has it, as long as that one counts") {
  const auto of = [](std::string_view text) { return Network::parse(text).value(); };
  const BanList bans(
      {{of("192.0.2.7")}, {of("198.51.100.0/24"), 100}, {of("2001:db8:1::/48")}, {of("10.0.0.0/8"), 50}});
  struct Row {
    std::string_view address;
    std::int64_t now;
    bool banned;
  };
  const Row rows[] = {
      {"192.0.2.7", 1'000'000, true}, {"192.0.2.8", 0, false},      {"198.51.100.200", 99, true},
      {"198.51.100.200", 100, false}, {"2001:db8:1:2::9", 0, true}, {"2001:db8:2::9", 0, false},
      {"10.9.9.9", 49, true},         {"10.9.9.9", 51, false},      {"::ffff:192.0.2.7", 0, true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.address);
    CHECK(bans.has(*address_of(row.address), row.now) == row.banned);
  }
  CHECK_FALSE(BanList().has(*address_of("192.0.2.7"), 0));
}

}  // namespace bastion::server
