#include "bastion/access/invitation.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/support/small_world.h"

namespace bastion::access {

using test::must;

TEST_CASE("invitations: a word is what a target may say, and no two are the same") {
  std::set<std::string> words;
  for (int i = 0; i < 200; ++i) {
    const auto word = must(new_invitation());
    CAPTURE(word);
    CHECK(words.insert(word).second);
    CHECK(invitation_in(parse_target("invite+" + word)) == word);
    CHECK(hash_of_invitation(word).size() == 32);
  }
}

TEST_CASE("invitations: what is none is a name like any other") {
  const std::string word = "abcdefghijklmnopqrstuvwx27";
  REQUIRE(invitation_in(parse_target("invite+" + word)) == word);
  CHECK(invitation_in(parse_target("invite+" + word + ":style")) == word);
  for (const auto& sent : std::vector<std::string>{"invite", "invite+web", "alice+" + word, "invite+bob/" + word, word,
                                                   "invite+" + word + "x", "invite+" + word.substr(1), "Invite+" + word,
                                                   ("invite+2bcdefghijklmnopqrstuvwx27"),
                                                   std::string("invite+abcdefghijklmnopqrstuvwx18")}) {
    CAPTURE(sent);
    CHECK_FALSE(invitation_in(parse_target(sent)));
    CHECK(without_invitation(sent) == sent);
  }
  CHECK(without_invitation("invite+" + word) == "invite+...");
}

}  // namespace bastion::access
