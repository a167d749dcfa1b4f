// Where a container is, or was before it moved.
#pragma once

#include <cstdint>
#include <string>

namespace bastion::access {

struct ContainerPlace {
  std::int64_t container = 0;  // the store's rows
  std::int64_t backend = 0;
  std::string address;
  std::uint16_t port = 22;
  std::string command = {};  // in place of an address

  bool operator==(const ContainerPlace&) const = default;
};

}  // namespace bastion::access
