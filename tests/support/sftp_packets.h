// SFTP packets as a client and a server write them, for tests that read them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "bastion/base/wire_format.h"
#include "bastion/sftp/packet.h"

namespace bastion::sftp {

// A packet behind whose type and number stand `fields`.
inline ByteVector packet_of(Type type, std::uint32_t id, Bytes fields = {}) {
  WireWriter out;
  out.u32(static_cast<std::uint32_t>(kLeastPacket + fields.size())).u8(static_cast<std::uint8_t>(type)).u32(id);
  out.raw(fields);
  return out.take();
}

inline ByteVector init_packet(std::uint32_t version) { return packet_of(Type::init, version); }

// Of what has names only, or a handle.
inline ByteVector request_packet(Type type, std::uint32_t id, std::initializer_list<std::string_view> names) {
  WireWriter fields;
  for (const auto name : names) fields.string(name);
  return packet_of(type, id, fields.view());
}

inline ByteVector open_packet(std::uint32_t id, std::string_view name, std::uint32_t how) {
  WireWriter fields;
  fields.string(name).u32(how).u32(0);
  return packet_of(Type::open, id, fields.view());
}

inline ByteVector read_packet(std::uint32_t id, std::string_view handle, std::uint64_t at, std::uint32_t size) {
  WireWriter fields;
  fields.string(handle).u64(at).u32(size);
  return packet_of(Type::read, id, fields.view());
}

inline ByteVector write_packet(std::uint32_t id, std::string_view handle, std::uint64_t at, std::string_view data) {
  WireWriter fields;
  fields.string(handle).u64(at).string(data);
  return packet_of(Type::write, id, fields.view());
}

// With names behind the name of the extension.
inline ByteVector extended_packet(std::uint32_t id, std::string_view extension,
                                  std::initializer_list<std::string_view> names) {
  WireWriter fields;
  fields.string(extension);
  for (const auto name : names) fields.string(name);
  return packet_of(Type::extended, id, fields.view());
}

inline ByteVector status_packet(std::uint32_t id, std::uint32_t status, std::string_view text = "so it is") {
  WireWriter fields;
  fields.u32(status).string(text).string(std::string_view{});
  return packet_of(Type::status, id, fields.view());
}

inline ByteVector handle_packet(std::uint32_t id, std::string_view handle) {
  return request_packet(Type::handle, id, {handle});
}

inline ByteVector data_packet(std::uint32_t id, std::string_view data) {
  return request_packet(Type::data, id, {data});
}

}  // namespace bastion::sftp
