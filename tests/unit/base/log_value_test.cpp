// Names that strangers send, in the log.
#include "bastion/base/log_value.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

namespace bastion {

TEST_CASE("a value in the log: what may be a name is there as it was sent") {
  for (const auto* const name : {"alice", "alice+bob/web", "Administrator", "x_1.y-2", "a@b", "-", "fd00::1"}) {
    CHECK(log_value(name) == name);
  }
}

TEST_CASE("a value in the log: nothing in it looks like another field, another value or another line") {
  struct Row {
    std::string_view sent;
    std::string_view logged;
  };
  constexpr std::array kRows{
      Row{"", R"("")"},
      Row{"x from=10.0.0.1", R"(x\x20from\x3d10.0.0.1)"},
      Row{"x\" from=10.0.0.1 y=\"", R"(x\x22\x20from\x3d10.0.0.1\x20y\x3d\x22)"},
      Row{"x\nlogin failed", R"(x\x0alogin\x20failed)"},
      Row{"\\x20", R"(\x5cx20)"},
      Row{"\x1b[2J\x9b", R"(\x1b\x5b2J\x9b)"},
      Row{"\u00e9\u2028", R"(\xc3\xa9\xe2\x80\xa8)"},
      Row{{"a\0b", 3}, R"(a\x00b)"},
      Row{"a\tb\r", R"(a\x09b\x0d)"},
      Row{"'%s{}", R"(\x27\x25s\x7b\x7d)"},
  };
  for (const auto& [sent, logged] : kRows) CHECK(log_value(sent) == logged);
}

TEST_CASE("a value in the log has its bound") {
  CHECK(log_value(std::string(kMostOfValue, 'a')) == std::string(kMostOfValue, 'a'));
  CHECK(log_value(std::string(kMostOfValue + 1, 'a')) == std::string(kMostOfValue, 'a') + "...");
  CHECK(log_value(std::string(100'000, '\n')).size() == 4 * kMostOfValue + 3);
}

}  // namespace bastion
