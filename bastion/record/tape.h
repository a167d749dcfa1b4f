// One recording while it is made: what the thread that writes knows of it, and its file.
#pragma once

#include <sys/types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "bastion/base/result.h"
#include "bastion/record/asciicast.h"
#include "bastion/record/frames.h"
#include "bastion/record/utf8_text.h"

namespace bastion::record {

// Where bytes come from; each is a text of its own.
enum class Stream : std::uint8_t { output, errors, input };

// As write(2) is.
using WriteCall = std::function<ssize_t(int file, const void* bytes, std::size_t size)>;

class Tape {
 public:
  Tape(std::filesystem::path file, std::string header) : file_(std::move(file)), header_(std::move(header)) {}
  ~Tape();
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;

  // From any thread: so many bytes more are not in it.
  void lose(std::size_t bytes) { missing_ += bytes; }
  // The same: how many wait to be put into it.
  [[nodiscard]] std::atomic<std::size_t>& waiting() { return waiting_; }

  // By the thread that writes. What is to be in it; nothing is written yet.
  void hear(std::chrono::microseconds at, Stream stream, std::string_view bytes);
  void resize(std::chrono::microseconds at, std::string_view size);
  void mark(std::chrono::microseconds at, std::string_view text);
  void end(std::chrono::microseconds at);
  // Writes that as one frame. Where it cannot be written, the file is as it was before and that is missing, which the
  // next frame says.
  [[nodiscard]] Result<> flush(Compressor& compressor, const WriteCall& write);

  [[nodiscard]] bool has_ended() const { return has_ended_; }
  // How many bytes could not be written or kept, in all.
  [[nodiscard]] std::uint64_t missing_in_all() const { return missing_in_all_ + missing_; }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  [[nodiscard]] Result<> open();
  void say_missing(std::chrono::microseconds at);
  void append(std::chrono::microseconds at, Kind kind, std::string_view text);

  const std::filesystem::path file_;
  std::string header_;  // until it is written
  int descriptor_ = -1;
  off_t written_ = 0;
  std::string lines_;
  std::array<Utf8Text, 3> texts_;
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<std::uint64_t> missing_ = 0;
  std::uint64_t missing_in_all_ = 0;
  bool has_ended_ = false;
};

}  // namespace bastion::record
