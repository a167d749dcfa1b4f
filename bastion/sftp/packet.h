// What SFTP is made of, in the version that OpenSSH speaks (draft-ietf-secsh-filexfer-02, version 3): packets of a
// length, a type, and most often the number of the request, in one stream each way. Its extensions are in OpenSSH's
// PROTOCOL, section 4.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bastion::sftp {

inline constexpr std::uint32_t kVersion = 3;

// Section 3. Values that are not named here may come.
enum class Type : std::uint8_t {
  init = 1,
  version = 2,
  open = 3,
  close = 4,
  read = 5,
  write = 6,
  lstat = 7,
  fstat = 8,
  setstat = 9,
  fsetstat = 10,
  opendir = 11,
  readdir = 12,
  remove = 13,
  mkdir = 14,
  rmdir = 15,
  realpath = 16,
  stat = 17,
  rename = 18,
  readlink = 19,
  symlink = 20,
  status = 101,
  handle = 102,
  data = 103,
  name = 104,
  attrs = 105,
  extended = 200,
  extended_reply = 201,
};

// How a file is to be opened (section 6.3).
inline constexpr std::uint32_t kOpenRead = 0x01;
inline constexpr std::uint32_t kOpenWrite = 0x02;
inline constexpr std::uint32_t kOpenAppend = 0x04;
inline constexpr std::uint32_t kOpenCreate = 0x08;
inline constexpr std::uint32_t kOpenTruncate = 0x10;
inline constexpr std::uint32_t kOpenExclusive = 0x20;

// What a STATUS says (section 7).
inline constexpr std::uint32_t kOk = 0;
inline constexpr std::uint32_t kEof = 1;
inline constexpr std::uint32_t kNoSuchFile = 2;
inline constexpr std::uint32_t kPermissionDenied = 3;
inline constexpr std::uint32_t kUnsupported = 8;

inline constexpr std::size_t kLengthSize = 4;   // of the field in front of a packet
inline constexpr std::size_t kLeastPacket = 5;  // a type, and the number of the request or the version
inline constexpr std::size_t kNumberSize = 4;   // of a number, and of the length of a string
// OpenSSH takes packets of 256 KiB.
inline constexpr std::uint32_t kLargestPacket = 1024 * 1024;
// Linux takes paths of 4096 bytes, the zero behind them among them.
inline constexpr std::size_t kLongestName = 4096;

}  // namespace bastion::sftp
