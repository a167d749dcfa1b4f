// The data types of RFC 4251 section 5: reading them from hostile bytes, and writing them.
#pragma once

#include <cstdint>
#include <string_view>

#include "bastion/base/bytes.h"

namespace bastion {

// Reads from the front. After the first read past the end ok() is false, and stays so, and every value is empty.
class WireReader {
 public:
  explicit WireReader(Bytes bytes) : rest_(bytes) {}

  std::uint8_t u8();
  bool boolean() { return u8() != 0; }
  std::uint32_t u32();
  std::uint64_t u64();
  Bytes string();
  std::string_view text() { return text_of(string()); }
  Bytes rest();

  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && rest_.empty(); }

 private:
  Bytes take(std::size_t count);

  Bytes rest_;
  bool ok_ = true;
};

class WireWriter {
 public:
  WireWriter& u8(std::uint8_t value);
  WireWriter& boolean(bool value) { return u8(value ? 1 : 0); }
  WireWriter& u32(std::uint32_t value);
  WireWriter& u64(std::uint64_t value);
  WireWriter& string(Bytes value);
  WireWriter& string(std::string_view value) { return string(bytes_of(value)); }
  WireWriter& raw(Bytes value);

  [[nodiscard]] ByteVector take() { return std::move(bytes_); }
  [[nodiscard]] Bytes view() const { return bytes_; }

 private:
  ByteVector bytes_;
};

void put_u32(MutableBytes at, std::uint32_t value);

}  // namespace bastion
