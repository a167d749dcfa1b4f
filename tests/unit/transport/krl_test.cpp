// Key revocation lists of ssh-keygen -k, and what others could send in their place.
#include "bastion/transport/krl.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/base64.h"
#include "bastion/base/fingerprint.h"
#include "bastion/base/wire_format.h"

namespace bastion::transport {
namespace {

// serial: 7, 10-20, 100, 102, 104, 106, 107, 1000000, 18446744073709551615; id: lost laptop, bob
constexpr std::string_view kOfOneCa =
    "U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawrNVQAAAAAAAAAAAAAAAAAAAAABAAAAkQAAADMAAAALc3NoLWVkMjU1MTkAAAAg5TqjwRMzdU7qT1NR"
    "t4OzKtGf08I2v8NNNULsVsRouC8AAAAAIgAAAA4AAAAAAAAABwAAAAI/+SIAAAAOAAAAAAAAAGQAAAACANUgAAAAEAAAAAAAD0JA//////////8j"
    "AAAAFgAAAANib2IAAAALbG9zdCBsYXB0b3A=";
// key:, sha1:, sha256: and hash:, one of each
constexpr std::string_view kOfKeys =
    "U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawrNVQAAAAAAAAAAAAAAAAAAAAACAAAANwAAADMAAAALc3NoLWVkMjU1MTkAAAAgCmzyaUKOyZRKdNyX"
    "dcNEYUzmuGlusZYxwW4G3tk9ZiMDAAAAGAAAABTKA6gwWU88Pgs43qNzF5WNOWdYuAUAAABIAAAAIGL64rGDciq/Ot8z1oXb6tUdrZKpirOyIanZ"
    "26VT7cqrAAAAII+gNDxLq/vSMIZc8vTS0dZiOjsZc7IVYeAb495rl6l2";
// The first one with -s none.
constexpr std::string_view kOfEveryCa =
    "U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawrNVQAAAAAAAAAAAAAAAAAAAAABAAAAXgAAAAAAAAAAIgAAAA4AAAAAAAAABwAAAAI/+SIAAAAOAAAA"
    "AAAAAGQAAAACANUgAAAAEAAAAAAAD0JA//////////8jAAAAFgAAAANib2IAAAALbG9zdCBsYXB0b3A=";
// Every odd serial up to 999.
constexpr std::string_view kOdd =
    "U1NIS1JMCgAAAAABAAAAAAAAAAAAAAAAawrNVQAAAAAAAAAAAAAAAAAAAAABAAAAyQAAADMAAAALc3NoLWVkMjU1MTkAAAAg5TqjwRMzdU7qT1NR"
    "t4OzKtGf08I2v8NNNULsVsRouC8AAAAAIgAAAIkAAAAAAAAAAQAAAH1VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVV"
    "VVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVVQ==";

std::string krl_bytes(std::string_view base64) { return decode_base64(base64).value(); }
Krl krl(std::string_view base64) {
  const auto bytes = krl_bytes(base64);
  auto parsed = parse_krl(bytes_of(bytes));
  REQUIRE_MESSAGE(parsed, parsed.error().text);
  return *std::move(parsed);
}

std::string krl_refusal(Bytes bytes) {
  const auto parsed = parse_krl(bytes);
  return parsed ? "" : parsed.error().text;
}

WireWriter krl_header(std::uint32_t format = 1) {
  WireWriter out;
  out.raw(bytes_of(std::string_view("SSHKRL\n\0", 8))).u32(format).u64(1).u64(2).u64(0).string("").string("a comment");
  return out;
}

std::string krl_refusal(std::uint8_t section, const WireWriter& data) {
  auto out = krl_header();
  out.u8(section).string(data.view());
  return krl_refusal(out.view());
}

// Of certificates of a CA.
std::string krl_refusal_of_part(std::uint8_t part, const WireWriter& data) {
  WireWriter section;
  section.string("ca").string("").u8(part).string(data.view());
  return krl_refusal(1, section);
}

const std::vector<SerialRange> kSerials{
    {7, 7},     {10, 20},   {100, 100},         {102, 102},
    {104, 104}, {106, 107}, {1000000, 1000000}, {~std::uint64_t{0}, ~std::uint64_t{0}}};

}  // namespace

TEST_CASE("a KRL: serials as a list, a range and bits, and key ids") {
  const auto read = krl(kOfOneCa);
  CHECK(read.keys.empty());
  REQUIRE(read.certificates.size() == 1);
  CHECK(sha256_fingerprint(read.certificates[0].ca) == "SHA256:4H5z7sVN2WHjejzsfoiFfGYZ23ABGJS+c4nluD2tIGo");
  CHECK(read.certificates[0].serials == kSerials);
  CHECK(read.certificates[0].key_ids == std::vector<std::string>{"bob", "lost laptop"});
  CHECK(read.size() == 10);
}

TEST_CASE("a KRL: keys, and fingerprints of both kinds") {
  const auto read = krl(kOfKeys);
  CHECK(read.certificates.empty());
  CHECK(read.keys == std::vector<std::string>{"SHA256:igYBp3Xqn0svcTuktOIa4gTvbHGoTLIjO/2U9NZYenk",
                                              "SHA1:ygOoMFlPPD4LON6jcxeVjTlnWLg",
                                              "SHA256:YvrisYNyKr863zPWhdvq1R2tkqmKs7IhqdnbpVPtyqs",
                                              "SHA256:j6A0PEur+9Iwhlzy9NLR1mI6OxlzshVh4Bvj3muXqXY"});
}

TEST_CASE("a KRL: certificates of whatever CA") {
  const auto read = krl(kOfEveryCa);
  REQUIRE(read.certificates.size() == 1);
  CHECK(read.certificates[0].ca.empty());
  CHECK(read.certificates[0].serials == kSerials);
}

TEST_CASE("a KRL: many bits") {
  const auto read = krl(kOdd);
  REQUIRE(read.certificates.size() == 1);
  REQUIRE(read.certificates[0].serials.size() == 500);
  CHECK(read.certificates[0].serials.front() == SerialRange{1, 1});
  CHECK(read.certificates[0].serials.back() == SerialRange{999, 999});
}

// Behind a whole section nobody can tell: the format has no end.
TEST_CASE("a KRL that is cut off within a section is none") {
  for (const auto base64 : {kOfOneCa, kOfEveryCa}) {
    const auto whole = krl_bytes(base64);
    const std::size_t header_size = krl_header().view().size() - std::string_view("a comment").size();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      // One without sections revokes nothing.
      CHECK(krl_refusal(bytes_of(whole).first(size)).empty() == (size == header_size));
    }
  }
}

TEST_CASE("a KRL that says what is not understood is refused") {
  WireWriter zero;
  zero.u64(0);
  WireWriter backwards;
  backwards.u64(20).u64(10);
  WireWriter past_the_end;
  past_the_end.u64(~std::uint64_t{0}).string(std::string("\x01\x00", 2));
  WireWriter short_hash;
  short_hash.string("too short");
  WireWriter empty_key;
  empty_key.string("");
  WireWriter critical;
  critical.string("new\n@example.com").boolean(true).string("");
  WireWriter not_critical;
  not_critical.string("new@example.com").boolean(false).string("");
  constexpr std::string_view kMalformed = "the KRL is malformed";
  CHECK(krl_refusal(bytes_of("ssh-ed25519 AAAA")) == "this is no KRL: `ssh-keygen -k` makes one");
  CHECK(krl_refusal({}) == "this is no KRL: `ssh-keygen -k` makes one");
  CHECK(krl_refusal(krl_header(2).view()) == "the KRL is of format 2; 1 is the one there is");
  CHECK(krl_refusal(9, {}) == "the KRL has a section 9, which is not known");
  CHECK(krl_refusal(4, {}) == "the KRL is signed, which is not supported: `ssh-keygen -k` makes one that is not");
  CHECK(krl_refusal(1, {}) == kMalformed);
  CHECK(krl_refusal(2, empty_key) == kMalformed);
  CHECK(krl_refusal(3, short_hash) == kMalformed);
  CHECK(krl_refusal(5, short_hash) == kMalformed);
  CHECK(krl_refusal(255, critical) == "the KRL has the critical extension new @example.com, which is not known");
  CHECK(krl_refusal(255, not_critical).empty());
  CHECK(krl_refusal_of_part(0x20, zero) == kMalformed);
  CHECK(krl_refusal_of_part(0x21, backwards) == kMalformed);
  CHECK(krl_refusal_of_part(0x22, past_the_end) == kMalformed);
  CHECK(krl_refusal_of_part(0x23, empty_key) == kMalformed);
  CHECK(krl_refusal_of_part(0x30, {}) == "the KRL has a section of certificates 48, which is not known");
  CHECK(krl_refusal_of_part(0x39, critical).starts_with("the KRL has the critical extension"));
  CHECK(krl_refusal_of_part(0x39, not_critical).empty());
}

TEST_CASE("a KRL revokes no more than there may be") {
  WireWriter bits;
  bits.u64(1).string(std::string(kMostRevoked / 4 + 1, '\x55'));
  CHECK(krl_refusal_of_part(0x22, bits).starts_with("the KRL revokes more than 100000 things"));
  // All ones are one range.
  WireWriter all;
  all.u64(1).string(std::string(1'000'000, '\xff'));
  CHECK(krl_refusal_of_part(0x22, all).empty());
}

}  // namespace bastion::transport
