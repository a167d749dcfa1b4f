// A file descriptor with one owner, and the address of the socket's other end.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace bastion::loop {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// A host (numeric, or a name where one is allowed) and a port.
struct Address {
  std::string host;
  std::uint16_t port = 0;

  // host:port, with brackets around an IPv6 address.
  [[nodiscard]] std::string text() const;
};

}  // namespace bastion::loop
