#include "bastion/base/sha256.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bastion {

TEST_CASE("SHA-256: the examples of FIPS 180-4, in one part or in several") {
  const auto hex = [](const Sha256& digest) { return fmt::format("{:02x}", fmt::join(digest, "")); };
  CHECK(hex(sha256({bytes_of("abc")})) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256({bytes_of("ab"), bytes_of(""), bytes_of("c")}) == sha256({bytes_of("abc")}));
}

}  // namespace bastion
