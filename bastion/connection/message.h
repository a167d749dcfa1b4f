// The messages of the SSH connection protocol (RFC 4254) as values, and their encoding. Message numbers 80 to 100.
//
// A parsed message views the packet it came from: it is good for as long as those bytes are.
#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "bastion/base/bytes.h"
#include "bastion/base/packet_sink.h"
#include "bastion/base/result.h"

namespace bastion::connection {

enum class Number : std::uint8_t {
  global_request = 80,
  request_success = 81,
  request_failure = 82,
  channel_open = 90,
  channel_open_confirmation = 91,
  channel_open_failure = 92,
  channel_window_adjust = 93,
  channel_data = 94,
  channel_extended_data = 95,
  channel_eof = 96,
  channel_close = 97,
  channel_request = 98,
  channel_success = 99,
  channel_failure = 100,
};

// RFC 4254 section 5.1.
enum class OpenFailureCode : std::uint32_t {
  administratively_prohibited = 1,
  connect_failed = 2,
  unknown_channel_type = 3,
  resource_shortage = 4,
};

// RFC 4254 section 5.2: the only extended data there is.
inline constexpr std::uint32_t kStderr = 1;

// The most data that a message of a transport carries: EXTENDED_DATA has 13 bytes in front of it. A peer may accept
// more (section 5.1, "maximum packet size"), but who sends to it through us is promised no more than this.
inline constexpr std::uint32_t kLargestData = PacketSink::kLargestMessage - 13;

struct GlobalRequest {
  static constexpr Number kNumber = Number::global_request;
  std::string_view name;
  bool want_reply = false;
  Bytes payload;
};
struct RequestSuccess {
  static constexpr Number kNumber = Number::request_success;
  Bytes payload;
};
struct RequestFailure {
  static constexpr Number kNumber = Number::request_failure;
};
struct ChannelOpen {
  static constexpr Number kNumber = Number::channel_open;
  std::string_view type;
  std::uint32_t sender = 0;
  std::uint32_t window = 0;
  std::uint32_t max_packet = 0;
  Bytes payload;
};
struct ChannelOpenConfirmation {
  static constexpr Number kNumber = Number::channel_open_confirmation;
  std::uint32_t recipient = 0;
  std::uint32_t sender = 0;
  std::uint32_t window = 0;
  std::uint32_t max_packet = 0;
  Bytes payload;
};
struct ChannelOpenFailure {
  static constexpr Number kNumber = Number::channel_open_failure;
  std::uint32_t recipient = 0;
  OpenFailureCode code = OpenFailureCode::administratively_prohibited;
  std::string_view description;
};
struct ChannelWindowAdjust {
  static constexpr Number kNumber = Number::channel_window_adjust;
  std::uint32_t recipient = 0;
  std::uint32_t bytes = 0;
};
struct ChannelData {
  static constexpr Number kNumber = Number::channel_data;
  std::uint32_t recipient = 0;
  Bytes data;
};
struct ChannelExtendedData {
  static constexpr Number kNumber = Number::channel_extended_data;
  std::uint32_t recipient = 0;
  std::uint32_t code = kStderr;
  Bytes data;
};
struct ChannelEof {
  static constexpr Number kNumber = Number::channel_eof;
  std::uint32_t recipient = 0;
};
struct ChannelClose {
  static constexpr Number kNumber = Number::channel_close;
  std::uint32_t recipient = 0;
};
struct ChannelRequest {
  static constexpr Number kNumber = Number::channel_request;
  std::uint32_t recipient = 0;
  std::string_view type;
  bool want_reply = false;
  Bytes payload;
};
struct ChannelSuccess {
  static constexpr Number kNumber = Number::channel_success;
  std::uint32_t recipient = 0;
};
struct ChannelFailure {
  static constexpr Number kNumber = Number::channel_failure;
  std::uint32_t recipient = 0;
};

using Message = std::variant<GlobalRequest, RequestSuccess, RequestFailure, ChannelOpen, ChannelOpenConfirmation,
                             ChannelOpenFailure, ChannelWindowAdjust, ChannelData, ChannelExtendedData, ChannelEof,
                             ChannelClose, ChannelRequest, ChannelSuccess, ChannelFailure>;

// `packet` is a whole message, its number first. An error says what is malformed: the peer broke the protocol.
[[nodiscard]] Result<Message> parse(Bytes packet);
[[nodiscard]] ByteVector encode(const Message& message);

// The payload of DATA and EXTENDED_DATA; empty for any other message.
[[nodiscard]] Bytes data_of(const Message& message);

// A request of a channel whose sender waits for SUCCESS or FAILURE.
[[nodiscard]] bool is_question(const Message& message);

// What is ignored, because OpenSSH's channels.c ignores it: messages and a CLOSE may cross on their way, and some peers
// look at a channel's state and say what follows from it in two steps (Paramiko, for one). Anything else breaks the
// protocol. tests/unit/connection/channel_states_test.cpp has the whole table.
[[nodiscard]] bool is_harmless_when_closed(const Message& message);   // the channel was open, and is not any more
[[nodiscard]] bool is_harmless_when_unknown(const Message& message);  // there never was such a channel

// Every message that concerns a channel carries its recipient right behind the number; a relay changes nothing else.
void rewrite_recipient(MutableBytes packet, std::uint32_t recipient);
// The same number, read. 0 in a packet that is too short.
[[nodiscard]] std::uint32_t recipient_of(Bytes packet);

}  // namespace bastion::connection
