#include "bastion/loop/loop.h"

#include <doctest/doctest.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/base/byte_queue.h"
#include "bastion/loop/connector.h"
#include "bastion/loop/listener.h"
#include "bastion/loop/tcp_stream.h"
#include "bastion/loop/timer.h"
#include "tests/support/executors.h"

namespace bastion::loop {
namespace {

using std::chrono::milliseconds;

struct Counted {
  explicit Counted(int& count) : count_(count) {}
  ~Counted() { ++count_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 private:
  int& count_;
};

// Reads everything and stops the loop when it has enough, or when the stream is lost.
struct Reading final : ByteStream::Reader {
  explicit Reading(Loop& in) : loop(in) {}
  void on_bytes(MutableBytes bytes) override {
    heard += text_of(bytes);
    if (heard.size() >= enough) loop.stop();
  }
  void on_drained() override { ++drained; }
  void on_eof() override { on_lost(Error{"end of file"}); }
  void on_lost(const Error& why) override {
    lost = why.text;
    loop.stop();
  }

  Loop& loop;
  std::string heard;
  std::size_t enough = std::size_t(-1);
  int drained = 0;
  std::string lost;
};

struct Told final : ByteStream::Reader {
  explicit Told(std::function<void(MutableBytes)> then) : on_bytes_(std::move(then)) {}
  void on_bytes(MutableBytes bytes) override { on_bytes_(bytes); }
  void on_drained() override {}
  void on_eof() override {}
  void on_lost(const Error& /*why*/) override {}

 private:
  std::function<void(MutableBytes)> on_bytes_;
};

struct StreamPair {
  explicit StreamPair(Loop& loop) : near_reader(loop), far_reader(loop) {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
    near = std::make_unique<TcpStream>(loop, Descriptor(fds[0]));
    far = std::make_unique<TcpStream>(loop, Descriptor(fds[1]));
    near->read_to(&near_reader);
    far->read_to(&far_reader);
  }

  Reading near_reader;
  Reading far_reader;
  std::unique_ptr<TcpStream> near;
  std::unique_ptr<TcpStream> far;
};

}  // namespace

TEST_CASE("what other threads post runs on the loop's thread, in order") {
  Loop loop;
  std::vector<int> seen;
  const auto here = std::this_thread::get_id();
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) {
      loop.post([&, i] {
        CHECK(std::this_thread::get_id() == here);
        seen.push_back(i);
        if (i == 99) loop.stop();
      });
    }
  });
  loop.run();
  other.join();
  REQUIRE(seen.size() == 100);
  CHECK(std::ranges::is_sorted(seen));
}

TEST_CASE("a loop that is stopped before it runs ends at once, and runs the next time") {
  Loop loop;
  bool is_late = false;
  Timer bound(loop, [&] {
    is_late = true;
    loop.stop();
  });
  bound.start(std::chrono::milliseconds{0});
  loop.stop();
  loop.run();
  CHECK_FALSE(is_late);
  loop.run();
  CHECK(is_late);
}

TEST_CASE("what is deferred is deleted when the turn ends, not before") {
  Loop loop;
  int dead = 0;
  Timer timer(loop, [&] {
    loop.defer_delete(std::make_unique<Counted>(dead));
    CHECK(dead == 0);
    loop.stop();
  });
  timer.start(milliseconds{0});
  loop.run();
  CHECK(dead == 1);
}

TEST_CASE("a timer may be destroyed by its own callback") {
  Loop loop;
  std::optional<Timer> timer;
  timer.emplace(loop, [&] {
    timer.reset();
    loop.stop();
  });
  timer->start(milliseconds{0});
  loop.run();
  CHECK_FALSE(timer);
}

TEST_CASE("a stream carries bytes both ways and says when the other end is gone") {
  Loop loop;
  StreamPair streams(loop);
  streams.far_reader.enough = 5;
  streams.near->write(bytes_of("he"));
  streams.near->write(bytes_of("llo"));
  loop.run();
  CHECK(streams.far_reader.heard == "hello");
  streams.far.reset();
  loop.run();
  CHECK(streams.near_reader.lost == "end of file");
}

TEST_CASE("a reader that says where it wants its bytes finds them there") {
  struct Collecting final : ByteStream::Reader {
    explicit Collecting(Loop& in) : loop(in) {}
    MutableBytes space(std::size_t size) override { return kept.prepare(size); }
    void on_bytes(MutableBytes bytes) override {
      in_place = in_place && kept.has_prepared(bytes);
      kept.commit(bytes.size());
      if (kept.size() >= enough) loop.stop();
    }
    void on_drained() override {}
    void on_eof() override {}
    void on_lost(const Error& /*why*/) override {}

    Loop& loop;
    std::size_t enough = 200'000;
    ByteQueue kept;
    bool in_place = true;
  };
  Loop loop;
  StreamPair streams(loop);
  Collecting collecting(loop);
  streams.far->read_to(&collecting);
  streams.near->write(ByteVector(collecting.enough, 'x'));
  loop.run();
  CHECK(collecting.in_place);
  CHECK(collecting.kept.size() == collecting.enough);
  streams.far->read_to(nullptr);
}

TEST_CASE("a stream keeps what the other end does not read yet, and says when that has gone") {
  Loop loop;
  StreamPair streams(loop);
  streams.far->pause();
  const std::string much(4 * 1024 * 1024, 'x');
  streams.near->write(bytes_of(much));
  Timer turn(loop, [&] { loop.stop(); });
  turn.start(milliseconds{0});
  loop.run();
  CHECK(streams.near->backlog() > 0);
  CHECK(streams.far_reader.heard.empty());
  streams.far_reader.enough = much.size();
  streams.far->resume();
  loop.run();
  CHECK(streams.far_reader.heard == much);
  CHECK(streams.near_reader.drained == 1);
}

TEST_CASE("what is small is read before the next one who has much has its turn") {
  Loop loop;
  std::string order;  // B: bulk was read; s: the small one
  const auto socket_pair = [] {
    std::array<int, 2> fds{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
    return std::pair{Descriptor(fds[0]), Descriptor(fds[1])};
  };
  auto [small_source, small_end] = socket_pair();
  Told small_reader([&](MutableBytes) { order += 's'; });
  TcpStream small(loop, std::move(small_end));
  small.read_to(&small_reader);

  const std::string much(200'000, 'x');
  std::vector<std::pair<Descriptor, std::unique_ptr<TcpStream>>> bulk;
  std::list<Told> bulk_readers;
  for (int i = 0; i < 3; ++i) {
    auto [source, end] = socket_pair();
    const int fd = source.get();
    const auto fill = [fd, &much] { return ::send(fd, much.data(), much.size(), MSG_NOSIGNAL); };
    REQUIRE(fill() > 0);
    bulk.emplace_back(std::move(source), std::make_unique<TcpStream>(loop, std::move(end)));
    bulk.back().second->read_to(&bulk_readers.emplace_back([&, fill, fd = small_source.get()](MutableBytes) {
      order += 'B';
      fill();
      // By then it is known who has much.
      if (order.size() > 10 && order.size() % 3 == 0) REQUIRE(::send(fd, "x", 1, MSG_NOSIGNAL) == 1);
      if (order.size() > 60) loop.stop();
    }));
  }
  loop.run();
  CHECK(order.substr(12, 24) == "sBBsBBsBBsBBsBBsBBsBBsBB");
}

TEST_CASE("a stream that broke is read to the end of what had arrived, and says so then") {
  Loop loop;
  StreamPair streams(loop);
  streams.near->pause();
  streams.far->pause();
  const std::string more_than_one_read(100 * 1024, 'x');
  streams.far->write(bytes_of(more_than_one_read));
  streams.near->write(bytes_of("never read"));
  Timer turn(loop, [&] { loop.stop(); });
  turn.start(milliseconds{0});
  loop.run();
  streams.far.reset();  // what it has not read resets the connection
  streams.near->resume();
  Timer bound(loop, [&] { loop.stop(); });
  bound.start(milliseconds{5000});
  loop.run();
  CHECK(streams.near_reader.heard.size() == more_than_one_read.size());
  CHECK(streams.near_reader.lost == "the connection broke: Connection reset by peer");
}

TEST_CASE("what a reader throws breaks its stream, and nobody else's") {
  Loop loop;
  struct Throwing final : ByteStream::Reader {
    void on_bytes(MutableBytes /*bytes*/) override { throw std::out_of_range("nobody expected it"); }
    void on_drained() override {}
    void on_eof() override {}
    void on_lost(const Error& why) override { lost = why.text; }
    std::string lost;
  };
  Throwing throwing;
  StreamPair broken(loop);
  broken.near->read_to(&throwing);
  StreamPair other(loop);
  other.near_reader.enough = 5;
  broken.far->write(bytes_of("what nobody expects"));
  Timer later(loop, [&] { other.far->write(bytes_of("hello")); });
  later.start(milliseconds(5));
  loop.run();
  CHECK(throwing.lost == "the connection broke: Software caused connection abort");
  CHECK(other.near_reader.heard == "hello");
}

TEST_CASE("a destroyed stream sends what it can") {
  Loop loop;
  StreamPair streams(loop);
  streams.near->write(bytes_of("last words"));
  streams.near.reset();
  loop.run();
  CHECK(streams.far_reader.heard == "last words");
}

TEST_CASE("a connection reaches a listener") {
  const auto names = test::executor();
  Loop loop;
  std::string from;
  const auto listener = Listener::open(loop, {"127.0.0.1", 0}, [&](Descriptor /*connection*/, const Endpoint& address) {
    from = address.host;
    loop.stop();
  });
  REQUIRE(listener);
  auto connecting = connect(loop, *names, (*listener)->bound(), milliseconds{5000});
  connecting.start([] {});
  loop.run();
  CHECK(from == "127.0.0.1");
}

TEST_CASE("a name is resolved, and a refused connection says so") {
  const auto names = test::executor();
  Loop loop;
  Endpoint nobody{"localhost", 1};
  auto connecting = connect(loop, *names, nobody, milliseconds{5000});
  connecting.start([&] { loop.stop(); });
  loop.run();
  const auto socket = connecting.take();
  REQUIRE_FALSE(socket);
  CHECK(socket.error().text.find("Connection refused") != std::string::npos);
}

TEST_CASE("a name that nobody is free to look up is not waited for longer than that") {
  std::binary_semaphore began(0);
  std::binary_semaphore may_end(0);
  const auto names = test::executor();
  REQUIRE(names->submit([&] {
    began.release();
    may_end.acquire();
  }));
  began.acquire();
  Loop loop;
  Endpoint somebody{"localhost", 1};
  auto connecting = connect(loop, *names, somebody, milliseconds{1});
  connecting.start([&] { loop.stop(); });
  loop.run();
  const auto socket = connecting.take();
  REQUIRE_FALSE(socket);
  CHECK(socket.error().text == "localhost cannot be resolved in time");
  CHECK(names->counts().queued == 0);
  may_end.release();
}

TEST_CASE("an address in use cannot be listened on, and the sentence names it") {
  Loop loop;
  const auto ignore = [](const Descriptor& /*connection*/, const Endpoint& /*from*/) {};
  const auto first = Listener::open(loop, {"127.0.0.1", 0}, ignore);
  REQUIRE(first);
  const auto second = Listener::open(loop, (*first)->bound(), ignore);
  REQUIRE_FALSE(second);
  CHECK(second.error().text == "cannot listen on " + (*first)->bound().text() + ": Address already in use");
}

}  // namespace bastion::loop
