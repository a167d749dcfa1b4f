#include "bastion/loop/metered_stream.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "bastion/loop/allowance.h"
#include "bastion/loop/loop.h"
#include "tests/support/memory_stream.h"
#include "tests/support/run_until.h"

namespace bastion::loop {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMuch = 32 * 1024;
constexpr std::int64_t kRate = 1024 * 1024;

struct Listening final : ByteStream::Reader {
  void on_bytes(MutableBytes bytes) override { heard += bytes.size(); }
  void on_drained() override { ++drained; }
  void on_eof() override {}
  void on_lost(const Error& /*why*/) override { lost = true; }

  std::size_t heard = 0;
  int drained = 0;
  bool lost = false;
};

// One stream of a user, and its peer.
struct Metered {
  Metered(Loop& loop, const std::shared_ptr<Allowance>& allowance) {
    auto own = std::make_unique<test::MemoryStream>();
    inner = own.get();
    stream = std::make_unique<MeteredStream>(loop, std::move(own), allowance);
    stream->read_to(&reader);
  }
  // Whether it was read.
  bool hears(std::size_t size) {
    peer.write(ByteVector(size));
    return peer.pump_to(*inner, size);
  }

  Listening reader;
  test::MemoryStream peer;
  test::MemoryStream* inner = nullptr;
  std::unique_ptr<MeteredStream> stream;
};

TEST_CASE("an allowance: what was moved is paid for afterwards, and time in which nothing was moved counts little") {
  Allowance allowance(1000);
  const auto now = seconds{100};
  CHECK(allowance.spend(1000, now) == now + seconds{1} - Allowance::kCredit);
  CHECK(allowance.spend(500, now) == now + milliseconds{1500} - Allowance::kCredit);
  CHECK(allowance.spend(0, now + seconds{60}) == now + seconds{60} - Allowance::kCredit);
}

TEST_CASE("a metered stream that has moved much is not read and seems full until that is paid for") {
  Loop loop;
  const auto allowance = std::make_shared<Allowance>(kRate);
  Metered one(loop, allowance);
  while (one.stream->backlog() == 0) REQUIRE(one.hears(kMuch));
  CHECK(one.stream->backlog() > ByteStream::kHighWater);
  const auto heard = one.reader.heard;
  CHECK_FALSE(one.hears(1));
  CHECK(one.reader.heard == heard);
  CHECK(one.reader.drained == 0);
  test::run_until(loop, [&] { return one.reader.drained > 0; });
  CHECK(one.stream->backlog() == 0);
  CHECK(one.peer.pump_to(*one.inner, 1));
}

TEST_CASE("what is written counts as what is read does, and nothing is kept for it") {
  Loop loop;
  Metered one(loop, std::make_shared<Allowance>(kRate));
  while (one.stream->backlog() == one.inner->backlog()) one.stream->write(ByteVector(kMuch));
  CHECK(one.stream->backlog() > ByteStream::kHighWater);
  const auto written = one.inner->backlog();
  one.stream->write(ByteVector(10));
  CHECK(one.inner->backlog() == written + 10);
  CHECK_FALSE(one.hears(1));
  while (one.inner->pump_to(one.peer, kMuch)) {
  }
  CHECK(one.reader.drained == 0);
  test::run_until(loop, [&] { return one.reader.drained > 0; });
}

TEST_CASE("the streams of an allowance share it, and one that moves little does not wait") {
  Loop loop;
  const auto allowance = std::make_shared<Allowance>(kRate);
  Metered bulk(loop, allowance);
  Metered terminal(loop, allowance);
  Metered other(loop, allowance);
  while (bulk.stream->backlog() == 0) REQUIRE(bulk.hears(kMuch));
  for (int i = 0; i < 100; ++i) CHECK(terminal.hears(100));
  CHECK(terminal.stream->backlog() == 0);
  CHECK(other.hears(kMuch));
  CHECK(other.stream->backlog() > 0);
  CHECK_FALSE(other.hears(kMuch));
}

TEST_CASE("a metered stream is paused by its reader beside that, and is lost as any other") {
  Loop loop;
  Metered one(loop, std::make_shared<Allowance>(kRate));
  one.stream->pause();
  CHECK_FALSE(one.hears(1));
  one.stream->resume();
  while (one.stream->backlog() == 0) one.hears(kMuch);
  one.stream->resume();
  CHECK_FALSE(one.hears(1));
  one.stream->pause();
  test::run_until(loop, [&] { return one.reader.drained > 0; });
  CHECK_FALSE(one.hears(1));
  one.stream->resume();
  CHECK(one.hears(1));
  one.inner->lose();
  CHECK(one.reader.lost);
}

}  // namespace
}  // namespace bastion::loop
