#include "bastion/base/aes_gcm.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <string>

namespace bastion {
namespace {

std::string hex(const std::optional<ByteVector>& bytes) {
  return bytes ? fmt::format("{:02x}", fmt::join(*bytes, "")) : "refused";
}

}  // namespace

// The GCM specification's test cases 13 and 14: key, nonce and text are zeros.
TEST_CASE("AES-256-GCM: it is the one of the specification") {
  CHECK(hex(aes_gcm::encrypt({}, {}, {})) == "530f8afbc74536b9a963b4f1c4cb738b");
  CHECK(hex(aes_gcm::encrypt({}, {}, ByteVector(16))) ==
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

TEST_CASE("AES-256-GCM: what was changed anywhere is not opened") {
  const ByteVector text{'t', 'e', 'x', 't'};
  const ByteVector one{'1'};
  const ByteVector two{'2'};
  const auto made = aes_gcm::encrypt({}, {}, text, {one, two}).value();
  CHECK(aes_gcm::decrypt({}, {}, made, {one, two}) == text);
  for (std::size_t at = 0; at < made.size(); ++at) {
    auto changed = made;
    changed[at] ^= 1;
    CHECK(aes_gcm::decrypt({}, {}, changed, {one, two}) == std::nullopt);
  }
  CHECK(aes_gcm::decrypt({1}, {}, made, {one, two}) == std::nullopt);
  CHECK(aes_gcm::decrypt({}, {1}, made, {one, two}) == std::nullopt);
  CHECK(aes_gcm::decrypt({}, {}, made, {one}) == std::nullopt);
  for (std::size_t size = 0; size < made.size(); ++size) {
    CHECK(aes_gcm::decrypt({}, {}, Bytes(made).first(size), {one, two}) == std::nullopt);
  }
}

}  // namespace bastion
