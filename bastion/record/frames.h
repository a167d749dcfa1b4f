// A recording on the disk: lines, in zstd frames (RFC 8878) of which each is complete by itself and has a checksum.
// What was written before a crash can be read, whatever became of the last frame.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "bastion/base/result.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace bastion::record {

class Compressor {
 public:
  Compressor();
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;

  // As one frame.
  [[nodiscard]] Result<std::string> frame(std::string_view text);

 private:
  ZSTD_CCtx_s* context_;
};

// Makes text of what it is fed, which may have been cut anywhere; piece by piece, for a frame may be of far more text
// than it has bytes.
class FrameReader {
 public:
  FrameReader();
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // What comes next. Not before read() has said that it wants some.
  void feed(std::string_view compressed);
  // Appends a piece of text to `text`; false: it wants to be fed. The error says that it is no such file, or a damaged
  // one.
  [[nodiscard]] Result<bool> read(std::string& text);

 private:
  ZSTD_DCtx_s* context_;
  std::string compressed_;
  std::size_t at_ = 0;
  bool has_more_ = false;  // of what it was fed, beyond what was read
};

}  // namespace bastion::record
