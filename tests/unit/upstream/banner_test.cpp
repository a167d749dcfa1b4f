#include "bastion/upstream/banner.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion::upstream {

TEST_CASE("a banner is shown line by line, and its last message is what a refusal quotes") {
  Banner banner;
  CHECK(banner.summary().empty());
  CHECK(banner.last().empty());
  CHECK(banner.take("For members only.\n\nBe kind.\n") == "For members only.\n\nBe kind.\n");
  CHECK(banner.take("\x1b[2JSystem is\r\ngoing down.") == "?[2JSystem is\ngoing down.\n");
  CHECK(banner.take("") == "");
  CHECK(banner.summary() == "For members only. Be kind. ?[2JSystem is going down.");
  CHECK(banner.last() == "?[2JSystem is going down.");
}

TEST_CASE("however much a peer says, so much is kept and no more") {
  Banner banner;
  std::size_t shown = 0;
  for (int i = 0; i < 10; ++i) shown += banner.take(std::string(Banner::kMost / 3, 'x')).size();
  CHECK(shown == Banner::kMost);
  CHECK(banner.take("more").empty());
  CHECK(banner.last() == "more");
  CHECK(banner.summary().size() == 1024);
  Banner lines;
  CHECK(lines.take(std::string(2 * Banner::kMost, '\n')).size() == Banner::kMost);
}

}  // namespace bastion::upstream
