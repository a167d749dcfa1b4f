#include "bastion/base/nearest.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

namespace bastion {

TEST_CASE("a mistyped word is recognised, another word is not") {
  constexpr std::array<std::string_view, 3> words{"listen", "workers", "max_startups"};
  CHECK(nearest("listne", words) == "listen");
  CHECK(nearest("worker", words) == "workers");
  CHECK(nearest("max_startup", words) == "max_startups");
  CHECK(nearest("wokrers", words) == "workers");
  CHECK_FALSE(nearest("colour", words));
  CHECK_FALSE(nearest("", words));
  CHECK_FALSE(nearest(std::string(100'000, 'x'), words));
  constexpr std::array<std::string_view, 2> names{"alice", "bob"};
  CHECK(nearest("bbo", names) == "bob");
  CHECK(nearest("alcie", names) == "alice");
  CHECK_FALSE(nearest("b", names));
}

}  // namespace bastion
