#include "bastion/upstream/before_version.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace bastion::upstream {
namespace {

struct Heard {
  std::string ssh;   // what belongs to SSH
  std::string said;  // and what came before it
};

// In pieces of this size.
Heard heard(std::string_view text, std::size_t size) {
  BeforeVersion before;
  Heard all;
  bool begun = false;
  for (std::size_t at = 0; at < text.size(); at += size) {
    const auto piece = text.substr(at, size);
    if (begun) {
      all.ssh += piece;
    } else if (const auto rest = before.take(bytes_of(piece))) {
      begun = true;
      all.ssh += text_of(*rest);
    }
  }
  all.said = before.said();
  return all;
}

}  // namespace

TEST_CASE("what stands before the version line is no SSH, however it comes") {
  struct Row {
    std::string_view text, ssh, said;
  };
  const std::vector<Row> rows{
      {"SSH-2.0-x\r\n\1\2", "SSH-2.0-x\r\n\1\2", ""},
      {"Welcome\r\nSSH-2.0-x\n", "SSH-2.0-x\n", "Welcome\r\n"},
      {"\n\n\nSSH-2.0-x\n", "SSH-2.0-x\n", "\n\n\n"},
      {"SSH is here\nSS\nSSH-2.0-x\n", "SSH-2.0-x\n", "SSH is here\nSS\n"},
      {"an SSH-2.0-y in a line\nSSH-2.0-x\n", "SSH-2.0-x\n", "an SSH-2.0-y in a line\n"},
      {"Error: not running\n", "", "Error: not running\n"},
      {"SSSH-2.0-x\n", "", "SSSH-2.0-x\n"},
  };
  for (const auto& row : rows) {
    for (const auto size : {1U, 2U, 3U, 5U, 100U}) {
      CAPTURE(row.text);
      CAPTURE(size);
      const auto all = heard(row.text, size);
      CHECK(all.ssh == row.ssh);
      CHECK(all.said == row.said);
    }
  }
}

TEST_CASE("of what is said before it the end is kept, and too much of it is too much") {
  BeforeVersion before;
  const std::string line(1023, 'x');
  for (std::size_t said = 0; said < BeforeVersion::kMost; said += line.size() + 1) {
    CHECK_FALSE(before.is_too_much());
    CHECK_FALSE(before.take(bytes_of(line + "\n")));
    CHECK(before.said().size() <= 2 * BeforeVersion::kKept);
  }
  CHECK_FALSE(before.take(bytes_of(std::string_view("the last word"))));
  CHECK(before.is_too_much());
  CHECK(before.said().ends_with("the last word"));
}

}  // namespace bastion::upstream
