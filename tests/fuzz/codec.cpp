// The messages of RFC 4254: whatever parses is encoded to the same bytes, and a new recipient changes nothing else.
#include "bastion/connection/message.h"
#include "tests/fuzz/require.h"

namespace bastion::connection {
namespace {

using fuzz::require;

// A message may say `true` with any byte that is not 0, and leave out or fill a language tag.
bool is_same(const Message& message, Bytes packet, Bytes encoded) {
  if (std::holds_alternative<ChannelOpenFailure>(message)) return true;
  if (packet.size() != encoded.size()) return false;
  std::size_t different = 0;
  for (std::size_t i = 0; i < packet.size(); ++i) {
    if (packet[i] == encoded[i]) continue;
    ++different;
    if (encoded[i] != 1 || packet[i] == 0) return false;
  }
  const bool has_boolean =
      std::holds_alternative<GlobalRequest>(message) || std::holds_alternative<ChannelRequest>(message);
  return different <= (has_boolean ? 1U : 0U);
}

void check_recipient(ByteVector encoded) {
  constexpr std::uint32_t kOther = 0xfeedbeef;
  const auto before = encoded;
  rewrite_recipient(encoded, kOther);
  const auto message = parse(encoded);
  require(message.has_value(), "a message with another recipient parses");
  std::visit(
      [](const auto& m) {
        if constexpr (requires { m.recipient; }) require(m.recipient == kOther, "the recipient is the new one");
      },
      *message);
  require(std::equal(before.begin() + 5, before.end(), encoded.begin() + 5), "the rest stays");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes packet{data, size};
  const auto message = parse(packet);
  if (!message) return 0;
  const auto encoded = encode(*message);
  require(is_same(*message, packet, encoded), "a message is encoded as it came");
  const auto again = parse(encoded);
  require(again.has_value(), "what we encode parses");
  require(encode(*again) == encoded, "and is encoded the same again");
  if (encoded[0] > static_cast<std::uint8_t>(Number::channel_open)) check_recipient(encoded);
  return 0;
}

}  // namespace bastion::connection
