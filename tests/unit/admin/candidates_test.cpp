#include "bastion/admin/candidates.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/base/text_width.h"

namespace bastion::admin {

TEST_CASE("candidates stand in columns that the terminal has room for") {
  const std::vector<std::string> words{"alice", "bob", "carol", "dora", "erin"};
  CHECK(side_by_side(words, 80) == "alice  bob    carol  dora   erin\n");
  CHECK(side_by_side(words, 20) == "alice  carol  erin\nbob    dora\n");
  CHECK(side_by_side(words, 5) == "alice\nbob\ncarol\ndora\nerin\n");
  CHECK(side_by_side({"漢字", "ab", "abcd"}, 80) == "漢字  ab    abcd\n");
  CHECK(side_by_side({}, 80).empty());
}

TEST_CASE("no row of candidates is wider than the terminal, and no word is broken") {
  std::vector<std::string> words;
  for (int i = 0; i < 60; ++i) words.push_back("container-" + std::to_string(i * i));
  for (const std::size_t columns : {20U, 40U, 80U, 200U}) {
    CAPTURE(columns);
    auto text = side_by_side(words, columns);
    std::size_t found = 0;
    for (const auto& word : words) found += text.contains(word) ? 1 : 0;
    CHECK(found == words.size());
    while (!text.empty()) {
      const auto end = text.find('\n');
      CHECK(width_of(text.substr(0, end)) < columns);
      text.erase(0, end + 1);
    }
  }
}

}  // namespace bastion::admin
