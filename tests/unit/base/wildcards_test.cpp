#include "bastion/base/wildcards.h"

#include <doctest/doctest.h>

#include <string_view>

namespace bastion {

TEST_CASE("a pattern-list matches where one of its patterns does, and none that excludes") {
  struct Case {
    std::string_view list;
    std::string_view text;
    bool matches;
  };
  for (const auto& [list, text, matches] : {
           Case{"*", "web", true},
           Case{"*", "", true},
           Case{"web", "web", true},
           Case{"web", "web1", false},
           Case{"web?", "web1", true},
           Case{"web?", "web", false},
           Case{"*.example.com", "web.example.com", true},
           Case{"*.example.com", "example.com", false},
           Case{"*.example.com,db", "db", true},
           Case{"!old.example.com,*.example.com", "old.example.com", false},
           Case{"*.example.com,!old.example.com", "old.example.com", false},
           Case{"*.example.com,!old.example.com", "new.example.com", true},
           Case{"!old", "new", false},
           Case{"", "web", false},
           Case{"*a*b", "xxaxxaxxb", true},
           Case{"*a*b", "xxaxxaxxbc", false},
       }) {
    CAPTURE(list);
    CAPTURE(text);
    CHECK(matches_pattern_list(list, text) == matches);
  }
}

}  // namespace bastion
