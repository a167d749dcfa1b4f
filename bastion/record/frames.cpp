#include "bastion/record/frames.h"

#include <zstd.h>

#include <array>
#include <new>

namespace bastion::record {
namespace {

// What a frame may have us keep: ours need far less.
constexpr int kLargestWindow = 23;
constexpr int kLevel = 3;

}  // namespace

Compressor::Compressor() : context_(ZSTD_createCCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
}
Compressor::~Compressor() { ZSTD_freeCCtx(context_); }

Result<std::string> Compressor::frame(std::string_view text) {
  std::string compressed(ZSTD_compressBound(text.size()), '\0');
  const auto size = ZSTD_compressCCtx(context_, compressed.data(), compressed.size(), text.data(), text.size(), kLevel);
  if (ZSTD_isError(size) != 0) return fail("zstd: {}", ZSTD_getErrorName(size));
  compressed.resize(size);
  return compressed;
}

FrameReader::FrameReader() : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kLargestWindow);
}
FrameReader::~FrameReader() { ZSTD_freeDCtx(context_); }

Result<> FrameReader::read(std::string_view compressed, std::string& text) {
  std::array<char, 64 * 1024> piece{};
  ZSTD_inBuffer in{.src = compressed.data(), .size = compressed.size(), .pos = 0};
  ZSTD_outBuffer out{};
  do {
    out = {.dst = piece.data(), .size = piece.size(), .pos = 0};
    const auto status = ZSTD_decompressStream(context_, &out, &in);
    if (ZSTD_isError(status) != 0) return fail("the recording is damaged: {}", ZSTD_getErrorName(status));
    text.append(piece.data(), out.pos);
  } while (in.pos < in.size || out.pos == out.size);
  return {};
}

}  // namespace bastion::record
