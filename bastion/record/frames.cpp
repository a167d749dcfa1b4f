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
  ZSTD_CCtx_setParameter(context_, ZSTD_c_compressionLevel, kLevel);
  ZSTD_CCtx_setParameter(context_, ZSTD_c_checksumFlag, 1);
}
Compressor::~Compressor() { ZSTD_freeCCtx(context_); }

Result<std::string> Compressor::frame(std::string_view text) {
  std::string compressed(ZSTD_compressBound(text.size()), '\0');
  const auto size = ZSTD_compress2(context_, compressed.data(), compressed.size(), text.data(), text.size());
  if (ZSTD_isError(size) != 0) return fail("zstd: {}", ZSTD_getErrorName(size));
  compressed.resize(size);
  return compressed;
}

FrameReader::FrameReader() : context_(ZSTD_createDCtx()) {
  if (context_ == nullptr) throw std::bad_alloc();
  ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kLargestWindow);
}
FrameReader::~FrameReader() { ZSTD_freeDCtx(context_); }

void FrameReader::feed(std::string_view compressed) {
  compressed_ = compressed;
  at_ = 0;
}

Result<bool> FrameReader::read(std::string& text) {
  if (at_ == compressed_.size() && !has_more_) return false;
  std::array<char, 64 * 1024> piece{};
  ZSTD_inBuffer in{.src = compressed_.data(), .size = compressed_.size(), .pos = at_};
  ZSTD_outBuffer out{.dst = piece.data(), .size = piece.size(), .pos = 0};
  const auto status = ZSTD_decompressStream(context_, &out, &in);
  if (ZSTD_isError(status) != 0) return fail("the recording is damaged: {}", ZSTD_getErrorName(status));
  at_ = in.pos;
  has_more_ = out.pos == out.size;
  text.append(piece.data(), out.pos);
  return true;
}

}  // namespace bastion::record
