#include "bastion/loop/descriptor.h"

#include <fmt/format.h>
#include <unistd.h>

namespace bastion::loop {

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

std::string Address::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

}  // namespace bastion::loop
