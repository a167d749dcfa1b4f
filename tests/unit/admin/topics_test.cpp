// What help says first.
#include "bastion/admin/commands/topics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "bastion/admin/commands/commands.h"

namespace bastion::admin {

TEST_CASE("topics: every first word of a command has one line, and no line is about nothing") {
  std::vector<std::string> first_words;
  for (const auto& command : commands()) first_words.emplace_back(command.words.substr(0, command.words.find(' ')));
  std::ranges::sort(first_words);
  const auto [first, last] = std::ranges::unique(first_words);
  first_words.erase(first, last);

  std::vector<std::string> topics;
  for (const auto& chapter : chapters()) {
    for (const auto& topic : chapter.topics) topics.emplace_back(topic.word);
  }
  std::ranges::sort(topics);
  CHECK(topics == first_words);
}

TEST_CASE("topics: each is shown to whoever may give one of its commands") {
  CHECK(contents(store::Role::admin).contains("\n  apply "));
  CHECK_FALSE(contents(store::Role::auditor).contains("\n  apply "));
  CHECK(contents(store::Role::auditor).contains("\n  ban "));
  CHECK_FALSE(contents(store::Role::user).contains("Activity"));
}

TEST_CASE("topics: a line has room in 80 columns") {
  const auto text = contents(store::Role::admin);
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = text.find('\n', begin);
    CAPTURE(text.substr(begin, end - begin));
    CHECK(end - begin < 80);
    begin = end + 1;
  }
}

}  // namespace bastion::admin
