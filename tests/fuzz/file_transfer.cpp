// A command that a user has run: it is read to its end, however it is quoted, and its words are the same when each is
// written in quotes of its own.
#include "bastion/access/file_transfer.h"

#include <string>

#include "bastion/access/shell_line.h"
#include "bastion/base/bytes.h"
#include "tests/fuzz/require.h"

namespace bastion::access {
namespace {

std::string in_quotes(const std::string& word) {
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const auto line = bastion::text_of(Bytes{data, size});
  static_cast<void>(file_transfer_of(line));
  for (const auto& words : parse_shell_line(line).commands) {
    std::string again;
    for (const auto& word : words) again += in_quotes(word) + " ";
    require(parse_shell_line(again).commands.front() == words, "words in quotes are the same words");
  }
  return 0;
}

}  // namespace bastion::access
