// Answers to keyboard-interactive, and what is made of them as a code: there are as many as were asked for, they were
// in the packet, and what is a code is nothing else.
#include <algorithm>

#include "bastion/auth/one_time_code.h"
#include "bastion/transport/keyboard_interactive.h"
#include "tests/fuzz/require.h"

namespace bastion::auth {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fuzz::require;
  if (size == 0) return 0;
  const std::size_t prompts = data[0] % 4;
  const Bytes packet{data + 1, size - 1};
  const auto answers = transport::parse_answers(packet, prompts);
  if (!answers) return 0;
  require(answers->size() == prompts, "as many as were asked for");
  for (const auto& answer : *answers) {
    require(answer.size() <= transport::kLongestAnswer, "none is too long");
    require(std::ranges::search(packet, bytes_of(answer)).size() == answer.size(), "it was sent");
    const auto typed = typed_code(answer);
    if (!typed) continue;
    require(typed->text.size() == (typed->kind == TypedCode::Kind::one_time ? 6 : 16), "it has its length");
    require(typed_code(typed->text).value().text == typed->text, "and is the same when it is typed so");
  }
  return 0;
}

}  // namespace bastion::auth
