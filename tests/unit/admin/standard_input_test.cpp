// A text that arrives in pieces.
#include "bastion/admin/grammar/standard_input.h"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>

#include "tests/support/small_world.h"

namespace bastion::admin {
namespace {

using test::must;
using test::refused;

constexpr std::size_t kMegabyte = 1024 * 1024;

// How many megabytes it takes.
std::size_t room_in(StandardInput& input) {
  const std::string megabyte(kMegabyte, 'x');
  std::size_t count = 0;
  while (input.add(megabyte)) ++count;
  return count;
}

}  // namespace

TEST_CASE("standard input is what came, in one piece") {
  StandardInput input(StandardInput::Kind::document);
  CHECK(must(input.text()).empty());
  std::string all;
  for (std::size_t i = 0; i < 3000; ++i) {
    const auto piece = std::to_string(i) + std::string(i % 500, '\0');
    REQUIRE(input.add(piece));
    all += piece;
  }
  CHECK(must(input.text()) == all);
}

TEST_CASE("standard input has a bound, and nothing is left of what exceeds it") {
  StandardInput document(StandardInput::Kind::document);
  CHECK(room_in(document) == 256);
  CHECK(refused(document.text()).contains("longer than the 256 MiB"));
  CHECK_FALSE(document.add("more"));

  StandardInput key(StandardInput::Kind::key);
  CHECK(key.add("ssh-ed25519 AAAA"));
  CHECK(room_in(key) == 0);
  CHECK(refused(key.text()).contains("too long to be a key"));
}

TEST_CASE("standard input that is not there says why") {
  CHECK(refused(StandardInput::taken_by_commands().text()).contains("apply - < FILE"));
  CHECK(refused(StandardInput::none({"why"}).text()) == "why");
}

}  // namespace bastion::admin
