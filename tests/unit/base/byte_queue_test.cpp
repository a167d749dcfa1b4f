#include "bastion/base/byte_queue.h"

#include <doctest/doctest.h>

#include <string>

namespace bastion {

TEST_CASE("bytes leave a queue in the order they came, in any pieces") {
  ByteQueue queue;
  std::string in;
  std::string out;
  for (int i = 0; i < 1000; ++i) {
    const std::string piece(static_cast<std::size_t>(i % 37), static_cast<char>('a' + i % 26));
    in += piece;
    queue.append(bytes_of(piece));
    const auto size = std::min<std::size_t>(queue.size(), static_cast<std::size_t>(i % 29));
    out += text_of(queue.front().first(size));
    queue.take(size);
  }
  out += text_of(queue.front());
  queue.take(queue.size());
  CHECK(queue.empty());
  CHECK(out == in);
}

}  // namespace bastion
