// Something that was done by SFTP, as it is told of when it is over. Stat, readdir and the like are told of by nobody:
// a client does them by the thousand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bastion::sftp {

struct Operation {
  enum class Kind : std::uint8_t {
    open,     // a file, and all that was read from it and written to it until it was closed
    opendir,  // until it was closed
    remove,
    rename,  // `second` is the new name
    mkdir,
    rmdir,
    setstat,   // owner, mode, size or times
    symlink,   // `second` is the link
    hardlink,  // `second` is the new name
    readlink,
    copy,   // on the server, from one open file to another: the names of both
    other,  // an extension that is not known here, by its name
  };

  Kind kind = Kind::open;
  // As the client wrote them: any bytes, of which the first kLongestName are here. Empty: of a handle that was not
  // followed.
  std::string first{};
  std::string second{};
  std::uint32_t how = 0;  // open: kOpenRead and the rest
  // open: bytes in answers that were given, and in writes that the server has confirmed.
  std::uint64_t read = 0;
  std::uint64_t written = 0;
  // What the server has answered (kOk, kPermissionDenied…): of an open one, the first failure there was. Nothing: it
  // has not answered before the channel ended, or was not followed to the end.
  std::optional<std::uint32_t> status{};
};

// The protocol's own word for it.
[[nodiscard]] std::string_view word_of(Operation::Kind kind);
// What a status means, in words.
[[nodiscard]] std::string_view words_of_status(std::uint32_t status);

}  // namespace bastion::sftp
