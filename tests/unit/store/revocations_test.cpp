// What is revoked, asked of a key and of a certificate.
#include "store/revocations.h"

#include <doctest/doctest.h>

#include <limits>
#include <string>

#include "bastion/base/fingerprint.h"
#include "tests/support/small_world.h"

namespace bastion::store {
namespace {

using test::blob;
using test::must;
using Kind = Revocation::Kind;

struct RevocationsWorld : test::SmallWorld {
  ByteVector ca = blob("ca");
  ByteVector other = blob("another ca");
  ByteVector key = blob("key");

  void revoke(Kind kind, ByteVector of, std::string value) {
    CHECK(must(revocations.add({.kind = kind, .ca = std::move(of), .value = std::move(value), .added_at = kNow})));
  }
  bool certificate(Bytes of, std::uint64_t serial, std::string_view key_id = "id") {
    return must(revocations.is_revoked({.ca = of, .key = key, .serial = serial, .key_id = key_id}));
  }
};

constexpr auto kLast = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TEST_CASE("certificates are revoked by number, by many numbers, and by what they are called") {
  RevocationsWorld world;
  world.revoke(Kind::serial, world.ca, serials(7, 7));
  world.revoke(Kind::serial, world.ca, serials(10, 20));
  world.revoke(Kind::serial, world.ca, serials(12, 13));
  world.revoke(Kind::serial, world.ca, serials(kLast - 1, kLast));
  world.revoke(Kind::key_id, world.ca, "lost");
  for (const auto serial : {std::uint64_t{7}, std::uint64_t{10}, std::uint64_t{15}, std::uint64_t{20}, kLast}) {
    CAPTURE(serial);
    CHECK(world.certificate(world.ca, serial));
    CHECK_FALSE(world.certificate(world.other, serial));
  }
  for (const auto serial : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{9}, std::uint64_t{21}, kLast - 2}) {
    CAPTURE(serial);
    CHECK_FALSE(world.certificate(world.ca, serial));
  }
  CHECK(world.certificate(world.ca, 1, "lost"));
  CHECK_FALSE(world.certificate(world.other, 1, "lost"));
}

TEST_CASE("certificates of every CA are revoked") {
  RevocationsWorld world;
  world.revoke(Kind::serial, {}, serials(7, 7));
  world.revoke(Kind::serial, {}, serials(100, 200));
  world.revoke(Kind::key_id, {}, "lost");
  for (const auto& of : {world.ca, world.other}) {
    CHECK(world.certificate(of, 7));
    CHECK(world.certificate(of, 150));
    CHECK(world.certificate(of, 1, "lost"));
    CHECK_FALSE(world.certificate(of, 99));
  }
}

TEST_CASE("a key is revoked by either fingerprint, alone, in a certificate, and as a CA") {
  for (const bool by_sha1 : {false, true}) {
    CAPTURE(by_sha1);
    RevocationsWorld world;
    const auto fingerprint = [&](const ByteVector& of) {
      return by_sha1 ? sha1_fingerprint(of) : sha256_fingerprint(of);
    };
    world.revoke(Kind::key, {}, fingerprint(world.key));
    CHECK(must(world.revocations.is_revoked(world.key)));
    CHECK_FALSE(must(world.revocations.is_revoked(world.ca)));
    CHECK(world.certificate(world.ca, 1));
    world.key = blob("another key");
    CHECK_FALSE(world.certificate(world.ca, 1));
    world.revoke(Kind::key, {}, fingerprint(world.ca));
    CHECK(world.certificate(world.ca, 1));
    CHECK_FALSE(world.certificate(world.other, 1));
  }
}

TEST_CASE("a key of a user that is revoked by SHA-1 is") {
  RevocationsWorld world;
  world.user("alice");
  must(world.keys.add(world.id_of("alice"),
                      {.blob = world.key, .fingerprint = sha256_fingerprint(world.key), .comment = {}}));
  CHECK_FALSE(must(world.keys.of_user(world.id_of("alice"))).front().is_revoked);
  world.revoke(Kind::key, {}, sha1_fingerprint(world.key));
  CHECK(must(world.keys.of_user(world.id_of("alice"))).front().is_revoked);
  CHECK(must(world.keys.enrolled("alice", world.key))->is_revoked);
}

TEST_CASE("serial numbers are shown as they are written") {
  for (const std::string text : {"0", "7", "10-20", "18446744073709551614-18446744073709551615"}) {
    CHECK(shown_value({.kind = Kind::serial, .value = must(parse_serials(text))}) == text);
  }
  CHECK(must(parse_serials("7-7")) == "7");
  CHECK(shown_value({.kind = Kind::key_id, .value = "10-20"}) == "10-20");
  for (const std::string wrong : {"", "-", "7-", "-7", "x", "1-2-3", "1 - 2", "18446744073709551616"}) {
    CAPTURE(wrong);
    CHECK(test::refused(parse_serials(wrong)).contains("is no serial number"));
  }
  CHECK(test::refused(parse_serials("20-10")) == "20-10: the first serial number comes after the last");
}

TEST_CASE("a fingerprint is what ssh-keygen -l prints") {
  CHECK(sha256_fingerprint(blob("key")) == "SHA256:LHDhK3oGRvkiefQnx7OOczTY5Tic/xZ6HcMOc/gmtoM");
  CHECK(sha1_fingerprint(blob("key")) == "SHA1:pi8iJb9wv6zLx/HvKjl4NnFzd94");
}

}  // namespace bastion::store
