// What an agent answers, which may be anybody's: however it is cut, it is the same answer or the same error.
#include "bastion/base/agent_messages.h"

#include <algorithm>
#include <string>

#include "bastion/base/wire_format.h"
#include "tests/fuzz/require.h"

namespace bastion {

using fuzz::require;

namespace {

void require_line(const Error& error) {
  require(!error.text.empty() && error.text.find('\n') == std::string::npos, "an error is a line");
}

ByteVector encode(const std::vector<AgentKey>& keys) {
  WireWriter out;
  out.u8(12).u32(static_cast<std::uint32_t>(keys.size()));
  for (const auto& key : keys) out.string(key.blob).string(key.comment);
  return out.take();
}

void decode(Bytes answer) {
  const auto keys = decode_identities_answer(answer);
  if (keys) {
    require(keys->size() <= kMostAgentKeys, "there are not too many keys");
    require(std::ranges::equal(encode(*keys), answer), "the keys are all of the answer");
  } else {
    require_line(keys.error());
  }
  const auto signature = decode_sign_response(answer);
  if (signature) {
    require(!signature->empty() && signature->size() + 5 == answer.size(), "the signature is all of the answer");
  } else {
    require_line(signature.error());
  }
  const auto success = decode_success(answer);
  require(!success || answer.size() == 1, "success is one byte");
  require(keys.has_value() + signature.has_value() + success.has_value() <= 1, "an answer means one thing");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes received{data, size};
  AgentAnswer at_once;
  const auto whole = at_once.add(received);
  AgentAnswer in_pieces;
  bool failed = false;
  std::optional<ByteVector> last;
  for (std::size_t at = 0; at < size && !failed;) {
    const auto piece = received.subspan(at, std::min<std::size_t>(1 + at % 7, size - at));
    at += piece.size();
    const auto added = in_pieces.add(piece);
    failed = !added;
    last = added && *added ? std::optional(ByteVector((*added)->begin(), (*added)->end())) : std::nullopt;
  }
  require(whole.has_value() == !failed, "where it is cut does not matter to what is wrong");
  if (!whole) {
    require_line(whole.error());
  } else if (*whole) {
    require(last && std::ranges::equal(**whole, *last), "where it is cut does not matter to the answer");
    decode(**whole);
  }
  decode(received);
  return 0;
}

}  // namespace bastion
