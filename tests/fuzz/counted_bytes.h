// Bytes that say by themselves where in a stream they stand: none can be lost or made up unseen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "bastion/base/byte_stream.h"
#include "bastion/base/bytes.h"
#include "tests/fuzz/require.h"

namespace bastion::fuzz {

// So many from `next` on, which is then behind them.
inline ByteVector counted_bytes(std::uint64_t& next, std::size_t size) {
  ByteVector data(size);
  for (auto& byte : data) byte = static_cast<std::uint8_t>(next++);
  return data;
}

struct CountedReader final : ByteStream::Reader {
  void on_bytes(MutableBytes bytes) override {
    require(!lost && !eof, "nothing comes after the end");
    for (const auto byte : bytes) require(byte == static_cast<std::uint8_t>(heard++), "bytes come in order");
  }
  void on_drained() override {}
  void on_eof() override { require(!lost && !std::exchange(eof, true), "a channel has one end of file"); }
  void on_lost(const Error& /*why*/) override { require(!std::exchange(lost, true), "a channel ends once"); }

  std::uint64_t heard = 0;
  bool eof = false;
  bool lost = false;
};

}  // namespace bastion::fuzz
