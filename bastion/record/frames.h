// A recording on the disk: lines, in zstd frames (RFC 8878) of which each is complete by itself. What was written
// before a crash can be read, whatever became of the last frame.
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

// Reads lines out of what is fed to it, which may have been cut anywhere.
class FrameReader {
 public:
  FrameReader();
  ~FrameReader();
  FrameReader(const FrameReader&) = delete;
  FrameReader& operator=(const FrameReader&) = delete;

  // Appends the text of `compressed` to `text`. The error says that it is no such file, or a damaged one.
  [[nodiscard]] Result<> read(std::string_view compressed, std::string& text);

 private:
  ZSTD_DCtx_s* context_;
};

}  // namespace bastion::record
