#include "bastion/access/forced_command.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "tests/support/small_world.h"

namespace bastion::access {
namespace {

using connection::SessionStart;
using Kind = SessionStart::Kind;
using test::must;
using test::refused;

std::string line_for(std::string_view asked, const std::string& command = "backup") {
  return must(forced(command, {.kind = Kind::command, .words = std::string(asked)})).words;
}

// What is not the same in every line.
std::string encoded_in(std::string_view asked, const std::string& command) {
  const auto line = line_for(asked, command);
  return line.substr(line.rfind('\'') + 1);
}

bool is_harmless(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" +,/._-:").contains(c);
}

std::string every_byte() {
  std::string text;
  for (int byte = 1; byte < 256; ++byte) text += static_cast<char>(byte);
  return text;
}

}  // namespace

TEST_CASE("what differs between two lines is written in characters that no shell takes for anything else") {
  for (const auto& text : {std::string{}, every_byte(), every_byte() + every_byte(), std::string("a\\' sh -c id #"),
                           std::string("a\nid"), std::string("!!"), std::string("-c id"), std::string("a' 'b")}) {
    CAPTURE(text);
    CHECK(std::ranges::all_of(encoded_in(text, "echo it"), is_harmless));
    CHECK(std::ranges::all_of(encoded_in("ls", text), is_harmless));
    CHECK(std::ranges::count(encoded_in(text, text), ' ') == 3);  // ` sh one other`
    CHECK(line_for(text).starts_with(line_for("").substr(0, line_for("").rfind('\''))));
  }
}

TEST_CASE("what is the same in every line has nothing between its quotes that a shell may read otherwise") {
  const auto line = line_for("");
  const auto script = line.substr(line.find('\'') + 1, line.rfind('\'') - line.find('\'') - 1);
  CHECK(script.find_first_of("'!\n") == std::string::npos);
  CHECK_FALSE(script.contains("\\\\"));
  CHECK(std::ranges::all_of(line.substr(0, line.find('\'')), is_harmless));
}

TEST_CASE("the encoding of an ordinary command stays readable and short") {
  CHECK(encoded_in("ls -l /tmp", "echo") == " sh 154s+-l+/tmp. 145cho.");
  CHECK(encoded_in("", "echo") == " sh 056 145cho.");
}

TEST_CASE("a shell has no command of its own, and sftp is asked for by its subsystem") {
  CHECK(must(forced("it's", {})).words == "it's");
  CHECK(must(forced("backup", {.kind = Kind::subsystem, .words = "sftp"})).words == line_for("sftp"));
  const auto sftp = must(forced("internal-sftp", {.kind = Kind::command, .words = "rm -r /"}));
  CHECK(sftp.kind == Kind::subsystem);
  CHECK(sftp.words == "sftp");
}

TEST_CASE("what cannot be said to a shell is refused") {
  CHECK(refused(forced("backup", {.kind = Kind::command, .words = std::string("a\0b", 3)})).contains("NUL"));
  CHECK(forced("backup", {.kind = Kind::command, .words = std::string(100 * 1024, 'a')}));
  const std::string longest(32 * 1024, '\'');
  CHECK(line_for(longest.substr(400)).size() < 128 * 1024);
  CHECK(refused(forced("backup", {.kind = Kind::command, .words = longest})).contains("too long"));
}

}  // namespace bastion::access
