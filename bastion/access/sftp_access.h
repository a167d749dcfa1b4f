// Which way files may go: to the user, from the user. Pure.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace bastion::access {

// To read is to have files of the container, to write to change what is there. All is allowed unless said otherwise.
struct SftpAccess {
  bool read = true;
  bool write = true;

  [[nodiscard]] constexpr bool is_all() const { return read && write; }
  [[nodiscard]] constexpr bool is_none() const { return !read && !write; }
  bool operator==(const SftpAccess&) const = default;
};

inline constexpr SftpAccess kNoSftp{.read = false, .write = false};
inline constexpr std::array<std::string_view, 4> kSftpWords{"none", "read", "write", "all"};

[[nodiscard]] constexpr std::string_view text_of(const SftpAccess& access) {
  return access.is_all() ? "all" : access.read ? "read" : access.write ? "write" : "none";
}
[[nodiscard]] constexpr std::optional<SftpAccess> sftp_access_of(std::string_view text) {
  for (const bool read : {false, true}) {
    for (const bool write : {false, true}) {
      const SftpAccess access{.read = read, .write = write};
      if (text_of(access) == text) return access;
    }
  }
  return std::nullopt;
}
// What both allow.
[[nodiscard]] constexpr SftpAccess both(const SftpAccess& one, const SftpAccess& other) {
  return {.read = one.read && other.read, .write = one.write && other.write};
}

}  // namespace bastion::access
