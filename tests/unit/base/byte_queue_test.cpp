#include "bastion/base/byte_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
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

TEST_CASE("what is written into the room of a queue counts when it is committed") {
  ByteQueue queue;
  std::ranges::copy(bytes_of("hello"), queue.prepare(10).begin());
  CHECK(queue.empty());
  queue.commit(5);
  CHECK(text_of(queue.front()) == "hello");
  const auto room = queue.prepare(100'000);
  CHECK(queue.has_prepared(room.first(3)));
  CHECK_FALSE(queue.has_prepared(bytes_of("abc")));
  CHECK(text_of(queue.front()) == "hello");
}

TEST_CASE("a queue that never runs empty keeps its bytes in order, and stays as large as it must be") {
  constexpr std::size_t kPiece = 33'000;
  constexpr std::size_t kLeft = 100'000;
  ByteQueue queue;
  std::uint8_t in = 0;
  std::uint8_t out = 0;
  bool in_order = true;
  for (int i = 0; i < 1000; ++i) {
    for (auto& byte : queue.prepare(kPiece)) byte = in++;
    queue.commit(kPiece);
    if (queue.size() <= kLeft) continue;
    for (const auto byte : queue.front().first(kPiece)) in_order = in_order && byte == out++;
    queue.take(kPiece);
    if (i % 100 == 0) queue.settle();
  }
  CHECK(in_order);
  CHECK(queue.size() <= kLeft + kPiece);
}

TEST_CASE("the little that is left when a queue settles is still there") {
  ByteQueue queue;
  queue.append(ByteVector(100'000, 'x'));
  queue.append(bytes_of("little"));
  queue.take(100'000);
  queue.settle();
  queue.append(bytes_of(" by little"));
  CHECK(text_of(queue.front()) == "little by little");
}

}  // namespace bastion
