// What a request of a session says, as the server that it goes on to reads it.
#include "bastion/connection/session_start.h"

#include <doctest/doctest.h>

#include <string>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

std::optional<std::string> words_of(std::string_view words, std::string_view behind = {}) {
  WireWriter out;
  out.string(words);
  out.raw(bytes_of(behind));
  const auto payload = out.take();
  const auto start = parse_start(ChannelRequest{0, "subsystem", true, payload});
  return start ? std::optional(start->words) : std::nullopt;
}

}  // namespace

TEST_CASE("a start is what a server reads, to which a zero is the end of a text") {
  CHECK(words_of("sftp") == "sftp");
  CHECK(words_of("") == "");
  CHECK(words_of(std::string_view("sftp\0", 5)) == "sftp");
  CHECK_FALSE(words_of(std::string_view("sftp\0\0", 6)));
  CHECK_FALSE(words_of(std::string_view("sftp\0x", 6)));
  CHECK_FALSE(words_of("sftp", "x"));
}

}  // namespace bastion::connection
