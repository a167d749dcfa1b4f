// A message to the launcher, from whoever has taken the network process, or from the launcher, from whoever has taken
// that: it means one thing or nothing.
#include <algorithm>

#include "bastion/launcher/messages.h"
#include "tests/fuzz/require.h"

namespace bastion::launcher {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  const Bytes message{data, size};
  const auto is_all_of_it = [&](const ByteVector& encoded) { return std::ranges::equal(encoded, message); };
  if (const auto start = parse_start(message)) require(is_all_of_it(encode(*start)), "a start is written in one way");
  if (const auto started = parse_started(message)) {
    require(is_all_of_it(encode(*started)), "what was started is written in one way");
  }
  if (const auto answer = parse_answer(message)) {
    require(is_all_of_it(encode(*answer)), "an answer is written in one way");
  }
  const auto question = parse_question(message);
  if (!question) return 0;
  require(is_all_of_it(encode(*question)), "a question is written in one way");
  require(!question->ssh.host.empty() && question->ssh.config.empty(), "it names a host, and brings no configuration");
  for (const auto* const word : {&question->ssh.host, &question->ssh.user, &question->ssh.port, &question->ssh.jumps}) {
    require(!word->contains('\0'), "a word is all of what was said");
  }
  return 0;
}

}  // namespace bastion::launcher
