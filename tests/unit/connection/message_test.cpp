#include "bastion/connection/message.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

constexpr std::array<std::uint8_t, 3> kPayload{1, 2, 3};

// One of each kind.
const std::vector<Message>& all_messages() {
  static const std::vector<Message> all{
      GlobalRequest{"tcpip-forward", true, kPayload},
      RequestSuccess{kPayload},
      RequestFailure{},
      ChannelOpen{"session", 7, 2097152, 32768, kPayload},
      ChannelOpenConfirmation{7, 9, 100, 200, kPayload},
      ChannelOpenFailure{7, OpenFailureCode::connect_failed, "no"},
      ChannelWindowAdjust{7, 1000},
      ChannelData{7, kPayload},
      ChannelExtendedData{7, kStderr, kPayload},
      ChannelEof{7},
      ChannelClose{7},
      ChannelRequest{7, "exec", true, kPayload},
      ChannelSuccess{7},
      ChannelFailure{7},
  };
  return all;
}

}  // namespace

TEST_CASE("what is encoded is parsed back") {
  for (const auto& message : all_messages()) {
    const auto packet = encode(message);
    CAPTURE(packet[0]);
    const auto parsed = parse(packet);
    REQUIRE(parsed);
    CHECK(parsed->index() == message.index());
    CHECK(encode(*parsed) == packet);
  }
}

TEST_CASE("a message cut short anywhere is malformed, or shorter by what may be missing") {
  for (const auto& message : all_messages()) {
    const auto packet = encode(message);
    for (std::size_t size = 0; size < packet.size(); ++size) {
      const auto parsed = parse(Bytes{packet}.first(size));
      // Trailing bytes of some belong to the request, so that a shorter one is whole as well; and the language tag of a
      // refusal may be missing.
      if (parsed && !std::holds_alternative<ChannelOpenFailure>(*parsed)) CHECK(encode(*parsed).size() == size);
    }
  }
}

TEST_CASE("a field that claims more than there is, is malformed") {
  WireWriter data;
  data.u8(94).u32(0).u32(0xffffffff).raw(kPayload);
  CHECK_FALSE(parse(data.view()));
}

TEST_CASE("bytes behind a whole message are malformed") {
  auto packet = encode(ChannelEof{7});
  packet.push_back(0);
  CHECK_FALSE(parse(packet));
}

TEST_CASE("numbers that are not of the connection protocol are refused") {
  for (const std::uint8_t number : std::initializer_list<std::uint8_t>{0, 50, 79, 83, 89, 101, 255}) {
    CAPTURE(number);
    const ByteVector packet{number, 0, 0, 0, 0};
    CHECK_FALSE(parse(packet));
  }
}

TEST_CASE("rewriting the recipient changes nothing else") {
  auto packet = encode(ChannelData{7, kPayload});
  rewrite_recipient(packet, 0x01020304);
  CHECK(packet == encode(ChannelData{0x01020304, kPayload}));
}

}  // namespace bastion::connection
