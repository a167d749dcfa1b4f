// A file whose text users are shown. What stands in it is read with the configuration; that it cannot be read is no
// reason to serve nobody.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace bastion::config {

struct TextFile {
  std::filesystem::path path{};  // empty: there is none
  std::string text{};            // lines, without control characters
  std::string why_not{};         // why there is no text, on one line

  bool operator==(const TextFile&) const = default;
};

inline constexpr std::size_t kLongestText = 16 * 1024;

[[nodiscard]] TextFile read_text_file(const std::filesystem::path& path);

}  // namespace bastion::config
