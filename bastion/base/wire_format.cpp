#include "bastion/base/wire_format.h"

#include <limits>

namespace bastion {

Bytes WireReader::take(std::size_t count) {
  if (!ok_ || count > rest_.size()) {
    ok_ = false;
    return {};
  }
  const Bytes taken = rest_.first(count);
  rest_ = rest_.subspan(count);
  return taken;
}

std::uint8_t WireReader::u8() {
  const Bytes byte = take(1);
  return ok_ ? byte[0] : std::uint8_t{0};
}

std::uint32_t WireReader::u32() {
  const Bytes b = take(4);
  if (!ok_) return 0;
  return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | std::uint32_t{b[3]};
}

std::uint64_t WireReader::u64() {
  const std::uint64_t high = u32();
  const std::uint64_t low = u32();
  return ok_ ? high << 32 | low : 0;
}

Bytes WireReader::string() { return take(u32()); }

Bytes WireReader::rest() { return take(rest_.size()); }

WireWriter& WireWriter::u8(std::uint8_t value) {
  bytes_.push_back(value);
  return *this;
}

WireWriter& WireWriter::u32(std::uint32_t value) {
  const auto at = bytes_.size();
  bytes_.resize(at + 4);
  put_u32(MutableBytes{bytes_}.subspan(at), value);
  return *this;
}

WireWriter& WireWriter::u64(std::uint64_t value) {
  return u32(static_cast<std::uint32_t>(value >> 32)).u32(static_cast<std::uint32_t>(value));
}

WireWriter& WireWriter::string(Bytes value) {
  u32(static_cast<std::uint32_t>(value.size()));
  return raw(value);
}

WireWriter& WireWriter::raw(Bytes value) {
  bytes_.insert(bytes_.end(), value.begin(), value.end());
  return *this;
}

void put_u32(MutableBytes at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 24);
  at[1] = static_cast<std::uint8_t>(value >> 16);
  at[2] = static_cast<std::uint8_t>(value >> 8);
  at[3] = static_cast<std::uint8_t>(value);
}

}  // namespace bastion
