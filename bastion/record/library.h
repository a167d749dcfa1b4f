// The recordings that are on this machine's disk: which there are, what is in them, and which have to go. It needs no
// process that records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/result.h"
#include "bastion/record/asciicast.h"
#include "bastion/record/frames.h"

namespace bastion::record {

// `ID-N.cast.zst`.
[[nodiscard]] std::string file_name(std::string_view session, unsigned number);

// What is kept; 0: everything.
struct Keep {
  std::int64_t seconds = 0;  // since something was last written
  std::int64_t bytes = 0;    // of all recordings
  bool operator==(const Keep&) const = default;
};
// Takes away what is older, and the oldest where there is more; not what is being written. Says how many those were.
[[nodiscard]] Result<std::size_t> prune(const std::filesystem::path& folder, const Keep& keep, std::int64_t now);

struct Found {
  std::filesystem::path file;
  std::string session;
  unsigned number = 0;
  std::int64_t bytes = 0;       // on the disk
  std::int64_t written_at = 0;  // last; Unix seconds
};
// The latest first. Nothing where there is no such folder.
[[nodiscard]] Result<std::vector<Found>> recordings(const std::filesystem::path& folder);

// Reads one, line by line, and no more of it than is asked for.
class Reader {
 public:
  [[nodiscard]] static Result<Reader> open(const std::filesystem::path& file);

  // With its newline; nothing at the end. A last line that was cut is not one.
  [[nodiscard]] Result<std::optional<std::string>> line();

 private:
  // False: there is no more of it.
  [[nodiscard]] Result<bool> read_more();

  explicit Reader(std::ifstream file) : file_(std::move(file)), frames_(std::make_unique<FrameReader>()) {}

  std::ifstream file_;
  std::unique_ptr<FrameReader> frames_;
  std::string text_;
  std::size_t at_ = 0;
};

// Its first line.
[[nodiscard]] Result<Header> header_of(const std::filesystem::path& file);

}  // namespace bastion::record
