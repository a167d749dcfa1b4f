#include "bastion/server/rsa_signatures.h"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace bastion::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

config::Config with_most(int most) {
  config::Config config;
  config.max_rsa_signatures_per_source = most;
  return config;
}

int taken(RsaSignatures& signatures, const std::string& host, int tries, milliseconds now) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += signatures.take(host, now) ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("RSA signatures: so many a minute, and they come back one by one") {
  struct Row {
    int most;
    milliseconds at;
    int expected;
  };
  // Of each row: all that may be had have been at 100 s.
  const std::vector<Row> rows{
      {60, seconds(100), 0},
      {60, milliseconds(100'999), 0},
      {60, seconds(101), 1},
      {60, seconds(130), 30},
      {60, seconds(160), 60},
      {60, seconds(1000), 60},
      {6, seconds(109), 0},
      {6, seconds(110), 1},
      {1, seconds(159), 0},
      {1, seconds(160), 1},
      {7, seconds(1000), 7},
      {60'000, milliseconds(100'001), 1},
      {60'000, seconds(1000), 60'000},
  };
  for (const auto& row : rows) {
    CAPTURE(row.most);
    CAPTURE(row.at.count());
    RsaSignatures signatures(with_most(row.most));
    CHECK(taken(signatures, "192.0.2.7", row.most + 1, seconds(100)) == row.most);
    CHECK(taken(signatures, "192.0.2.7", row.most + 1, row.at) == row.expected);
  }
}

TEST_CASE("RSA signatures: what is a source is said by source_block, and each has its own") {
  struct Row {
    std::string first;
    std::string second;
    bool shared;
  };
  for (const auto& row : {Row{"192.0.2.7", "192.0.2.7", true}, Row{"192.0.2.7", "192.0.2.8", true},
                          Row{"192.0.2.7", "192.0.3.7", false}, Row{"2001:db8::1", "2001:db8::1:0:0:2", true},
                          Row{"2001:db8::1", "2001:db8:0:1::1", false}, Row{"0.0.0.0", "::", false}}) {
    CAPTURE(row.first);
    CAPTURE(row.second);
    auto config = with_most(1);
    config.source_block = {.ipv4 = 24, .ipv6 = 64};
    RsaSignatures signatures(config);
    REQUIRE(signatures.take(row.first, seconds(0)));
    CHECK(signatures.take(row.second, seconds(0)) == !row.shared);
  }
}

TEST_CASE("RSA signatures: what was for a login does not count") {
  RsaSignatures signatures(with_most(2));
  for (int login = 0; login < 10; ++login) {
    CHECK(signatures.take("192.0.2.7", seconds(0)));
    signatures.give_back("192.0.2.7");
  }
  CHECK(taken(signatures, "192.0.2.7", 3, seconds(0)) == 2);
  signatures.give_back("192.0.2.8");  // of whom nothing is known
  CHECK(taken(signatures, "192.0.2.8", 3, seconds(0)) == 2);
}

TEST_CASE("RSA signatures: whoever is exempt has as many as they like, and so have all where there is no limit") {
  auto config = with_most(1);
  config.exempt = {*Network::parse("10.0.0.0/8")};
  RsaSignatures signatures(config);
  CHECK(taken(signatures, "10.1.2.3", 5, seconds(0)) == 5);
  CHECK(taken(signatures, "192.0.2.7", 5, seconds(0)) == 1);
  signatures.apply(with_most(0));
  CHECK(taken(signatures, "192.0.2.7", 5, seconds(0)) == 5);
  signatures.give_back("192.0.2.7");
  signatures.apply(with_most(1));
  CHECK(taken(signatures, "10.1.2.3", 5, seconds(0)) == 1);
}

TEST_CASE("RSA signatures: of more sources than it knows, one has all it may again, and another kind loses nothing") {
  RsaSignatures signatures(with_most(1));
  REQUIRE(signatures.take("2001:db8::1", seconds(0)));
  REQUIRE(signatures.take("10.0.0.0", seconds(0)));
  for (std::size_t i = 1; i <= RsaSignatures::kMostSources; ++i) {
    const auto host =
        "10." + std::to_string(i >> 16U) + "." + std::to_string((i >> 8U) & 255U) + "." + std::to_string(i & 255U);
    REQUIRE(signatures.take(host, seconds(1)));
  }
  CHECK(signatures.take("10.0.0.0", seconds(1)));
  CHECK_FALSE(signatures.take("2001:db8::1", seconds(1)));
}

}  // namespace bastion::server
