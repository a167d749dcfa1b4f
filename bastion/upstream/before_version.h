// What a command has on its standard output before the SSH of the container begins: RFC 4253 section 4.2 lets a server
// send lines before the one that begins with SSH-, and shells and container tools do. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "bastion/base/bytes.h"

namespace bastion::upstream {

class BeforeVersion {
 public:
  // More than this is no greeting.
  static constexpr std::size_t kMost = std::size_t{64} * 1024;
  // Of what was said, the end is kept.
  static constexpr std::size_t kKept = 1024;

  // Nothing while SSH has not begun; then everything from its SSH- on, and take() is not to be called any more.
  [[nodiscard]] std::optional<ByteVector> take(Bytes bytes);
  [[nodiscard]] bool is_too_much() const { return size_ > kMost; }
  [[nodiscard]] const std::string& said() const { return said_; }

 private:
  void say(std::string_view text);

  std::string line_;  // what may become SSH-
  bool in_line_ = false;
  std::size_t size_ = 0;
  std::string said_;
};

}  // namespace bastion::upstream
