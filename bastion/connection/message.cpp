#include "bastion/connection/message.h"

#include "bastion/base/wire_format.h"

namespace bastion::connection {
namespace {

GlobalRequest read_global_request(WireReader& in) {
  GlobalRequest m;
  m.name = in.text();
  m.want_reply = in.boolean();
  m.payload = in.rest();
  return m;
}

ChannelOpen read_open(WireReader& in) {
  ChannelOpen m;
  m.type = in.text();
  m.sender = in.u32();
  m.window = in.u32();
  m.max_packet = in.u32();
  m.payload = in.rest();
  return m;
}

ChannelOpenConfirmation read_confirmation(WireReader& in) {
  ChannelOpenConfirmation m;
  m.recipient = in.u32();
  m.sender = in.u32();
  m.window = in.u32();
  m.max_packet = in.u32();
  m.payload = in.rest();
  return m;
}

ChannelOpenFailure read_open_failure(WireReader& in) {
  ChannelOpenFailure m;
  m.recipient = in.u32();
  m.code = static_cast<OpenFailureCode>(in.u32());
  m.description = in.text();
  in.rest();  // the language tag, which some old implementations leave out
  return m;
}

ChannelRequest read_request(WireReader& in) {
  ChannelRequest m;
  m.recipient = in.u32();
  m.type = in.text();
  m.want_reply = in.boolean();
  m.payload = in.rest();
  return m;
}

ChannelExtendedData read_extended_data(WireReader& in) {
  ChannelExtendedData m;
  m.recipient = in.u32();
  m.code = in.u32();
  m.data = in.string();
  return m;
}

// Braced initialisers are evaluated left to right, so the fields are read in their order.
Result<Message> read_body(Number number, WireReader& in) {
  switch (number) {
    case Number::global_request: return read_global_request(in);
    case Number::request_success: return RequestSuccess{in.rest()};
    case Number::request_failure: return RequestFailure{};
    case Number::channel_open: return read_open(in);
    case Number::channel_open_confirmation: return read_confirmation(in);
    case Number::channel_open_failure: return read_open_failure(in);
    case Number::channel_window_adjust: return ChannelWindowAdjust{in.u32(), in.u32()};
    case Number::channel_data: return ChannelData{in.u32(), in.string()};
    case Number::channel_extended_data: return read_extended_data(in);
    case Number::channel_eof: return ChannelEof{in.u32()};
    case Number::channel_close: return ChannelClose{in.u32()};
    case Number::channel_request: return read_request(in);
    case Number::channel_success: return ChannelSuccess{in.u32()};
    case Number::channel_failure: return ChannelFailure{in.u32()};
  }
  return fail("message number {} is not of the connection protocol", static_cast<unsigned>(number));
}

struct Body {
  WireWriter& out;

  void operator()(const GlobalRequest& m) const { out.string(m.name).boolean(m.want_reply).raw(m.payload); }
  void operator()(const RequestSuccess& m) const { out.raw(m.payload); }
  void operator()(const RequestFailure& /*m*/) const {}
  void operator()(const ChannelOpen& m) const {
    out.string(m.type).u32(m.sender).u32(m.window).u32(m.max_packet).raw(m.payload);
  }
  void operator()(const ChannelOpenConfirmation& m) const {
    out.u32(m.recipient).u32(m.sender).u32(m.window).u32(m.max_packet).raw(m.payload);
  }
  void operator()(const ChannelOpenFailure& m) const {
    out.u32(m.recipient).u32(static_cast<std::uint32_t>(m.code)).string(m.description).string(std::string_view{});
  }
  void operator()(const ChannelWindowAdjust& m) const { out.u32(m.recipient).u32(m.bytes); }
  void operator()(const ChannelData& m) const { out.u32(m.recipient).string(m.data); }
  void operator()(const ChannelExtendedData& m) const { out.u32(m.recipient).u32(m.code).string(m.data); }
  void operator()(const ChannelEof& m) const { out.u32(m.recipient); }
  void operator()(const ChannelClose& m) const { out.u32(m.recipient); }
  void operator()(const ChannelRequest& m) const {
    out.u32(m.recipient).string(m.type).boolean(m.want_reply).raw(m.payload);
  }
  void operator()(const ChannelSuccess& m) const { out.u32(m.recipient); }
  void operator()(const ChannelFailure& m) const { out.u32(m.recipient); }
};

}  // namespace

Result<Message> parse(Bytes packet) {
  WireReader in(packet);
  const auto number = in.u8();
  auto message = read_body(static_cast<Number>(number), in);
  if (message && !in.at_end()) return fail("message number {} is malformed", number);
  return message;
}

ByteVector encode(const Message& message) {
  WireWriter out;
  std::visit([&out](const auto& m) { out.u8(static_cast<std::uint8_t>(m.kNumber)); }, message);
  std::visit(Body{out}, message);
  return out.take();
}

Bytes data_of(const Message& message) {
  if (const auto* data = std::get_if<ChannelData>(&message)) return data->data;
  if (const auto* data = std::get_if<ChannelExtendedData>(&message)) return data->data;
  return {};
}

bool is_question(const Message& message) {
  const auto* const request = std::get_if<ChannelRequest>(&message);
  return request != nullptr && request->want_reply;
}

bool is_harmless_when_closed(const Message& message) {
  return !std::holds_alternative<ChannelOpenConfirmation>(message) &&
         !std::holds_alternative<ChannelOpenFailure>(message);
}

bool is_harmless_when_unknown(const Message& message) {
  return std::holds_alternative<ChannelWindowAdjust>(message) || std::holds_alternative<ChannelSuccess>(message) ||
         std::holds_alternative<ChannelFailure>(message);
}

void rewrite_recipient(MutableBytes packet, std::uint32_t recipient) { put_u32(packet.subspan(1, 4), recipient); }

std::uint32_t recipient_of(Bytes packet) { return packet.empty() ? 0 : WireReader(packet.subspan(1)).u32(); }

}  // namespace bastion::connection
