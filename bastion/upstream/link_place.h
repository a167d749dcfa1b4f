// Where links are found: each has a socket in a folder of the state directory, and whoever connects there has a channel
// to the sshd of its backend. So it does not matter which thread has the link, or which process: while one takes over
// from another, the links of both lead there.
//
// The socket says one line first: `+` and nothing else when the channel is open, and then it is the channel; or `-` and
// why there is none.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bastion::upstream {

inline constexpr std::string_view kLinkIsOpen = "+";
inline constexpr char kLinkRefuses = '-';
inline constexpr std::size_t kLongestLinkLine = 256;

class LinkPlace {
 public:
  explicit LinkPlace(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Of one that begins at `now`, in microseconds since 1970; `id` is that of the connection.
  [[nodiscard]] std::filesystem::path socket_of(std::int64_t backend, std::uint64_t now, std::string_view id) const;
  // Those of this backend, the newest first. Some of them may have been left by who is gone.
  [[nodiscard]] std::vector<std::filesystem::path> sockets_to(std::int64_t backend) const;
  // How many of them somebody listens on; the others are removed. Each of them is connected to.
  [[nodiscard]] std::size_t count(std::int64_t backend) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace bastion::upstream
