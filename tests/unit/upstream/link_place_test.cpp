#include "bastion/upstream/link_place.h"

#include <doctest/doctest.h>

#include <fstream>

#include "tests/support/temporary_folder.h"

namespace bastion::upstream {

TEST_CASE("links: those of one backend are found, the newest first") {
  const test::TemporaryFolder folder;
  const LinkPlace links(folder / "");
  const auto older = links.socket_of(1, 0x0fff'ffff, "zz");
  const auto newer = links.socket_of(1, 0x1000'0000, "aa");
  for (const auto& file : {older, newer, links.socket_of(12, 5, "other")}) std::ofstream{file};
  std::ofstream{folder / "1-being-made~"};
  CHECK(links.sockets_to(1) == std::vector{newer, older});
  CHECK(links.sockets_to(2).empty());
  CHECK(LinkPlace(folder / "nowhere").sockets_to(1).empty());
}

// A killed process leaves them.
TEST_CASE("links: what nobody listens on is no link, and goes") {
  const test::TemporaryFolder folder;
  const LinkPlace links(folder / "");
  std::ofstream{links.socket_of(1, 1, "left")};
  CHECK(links.count(1) == 0);
  CHECK(links.sockets_to(1).empty());
}

}  // namespace bastion::upstream
