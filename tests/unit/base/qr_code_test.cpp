#include "bastion/base/qr_code.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstddef>
#include <string>

namespace bastion {

TEST_CASE("a QR code has a margin, is square, and as wide as it is said to be") {
  const std::string uri(160, 'x');
  const auto lines = qr_code(uri, QrColours::of_the_terminal).value();
  const auto width = [](const std::string& line) {
    return std::ranges::count_if(line, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
  };
  CHECK(width(lines.front()) <= 80);
  for (const auto& line : lines) {
    CHECK(width(line) == width(lines.front()));
    // The number of rows is odd: below the last one there is nothing.
    const auto* const margin = &line == &lines.back() ? "▀▀▀▀" : "████";
    CHECK(line.starts_with(margin));
    CHECK(line.ends_with(margin));
  }
  CHECK((width(lines.front()) + 1) / 2 == static_cast<std::ptrdiff_t>(lines.size()));
  const auto coloured = qr_code(uri, QrColours::of_its_own).value();
  CHECK(coloured.front() == "\033[40;97m" + lines.front() + "\033[0m");
  CHECK_FALSE(qr_code(std::string(5000, 'x'), QrColours::of_its_own));
}

}  // namespace bastion
