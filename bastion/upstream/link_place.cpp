#include "bastion/upstream/link_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <system_error>

#include "bastion/loop/local_listener.h"

namespace bastion::upstream {

std::filesystem::path LinkPlace::socket_of(std::int64_t backend, std::uint64_t now, std::string_view id) const {
  // Short, because the path of a socket is; and in the order in which they begin, of each backend.
  return folder_ / fmt::format("{}-{:016x}-{}", backend, now, id);
}

std::vector<std::filesystem::path> LinkPlace::sockets_to(std::int64_t backend) const {
  const auto begin = fmt::format("{}-", backend);
  std::vector<std::filesystem::path> sockets;
  std::error_code none;  // where there is no folder there are no links
  for (std::filesystem::directory_iterator at(folder_, none), end; !none && at != end; at.increment(none)) {
    const auto name = at->path().filename().string();
    if (name.starts_with(begin) && !name.ends_with('~')) sockets.push_back(at->path());  // as LocalListener makes them
  }
  std::ranges::sort(sockets, std::greater{});
  return sockets;
}

std::size_t LinkPlace::count(std::int64_t backend) const {
  std::size_t there = 0;
  for (const auto& socket : sockets_to(backend)) {
    const auto connection = loop::connect_local_at_once(socket);
    std::error_code none;
    if (connection || !connection.error().nobody_listens) {
      ++there;
    } else {
      std::filesystem::remove(socket, none);
    }
  }
  return there;
}

}  // namespace bastion::upstream
