#include "bastion/base/line_writer.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace bastion {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kMost = 16 * 1024;

// Long enough for anything that is going to happen.
constexpr seconds kTimeout{20};

std::string lost_line(std::uint64_t count) { return "lost " + std::to_string(count) + "\n"; }

std::string line_of(int number, std::size_t width = 40) {
  auto line = std::to_string(number) + " ";
  line.resize(width - 1, '.');
  return line + "\n";
}

// Two ends of something that carries bytes one way.
struct Ends {
  static Ends pipe() {
    Ends ends;
    REQUIRE(::pipe2(ends.fds.data(), O_CLOEXEC) == 0);
    return ends;
  }
  static Ends sockets() {
    Ends ends;
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.fds.data()) == 0);
    return ends;
  }
  Ends() = default;
  Ends(Ends&& other) noexcept : fds(std::exchange(other.fds, {-1, -1})) {}
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    close_reader();
    ::close(fds[1]);
  }

  [[nodiscard]] int writer() const { return fds[1]; }
  void close_reader() {
    if (fds[0] >= 0) ::close(std::exchange(fds[0], -1));
  }
  // Everything until `text` has been read.
  [[nodiscard]] std::string read_until(std::string_view text) const {
    std::string all;
    while (!all.contains(text)) {
      pollfd ready{.fd = fds[0], .events = POLLIN, .revents = 0};
      REQUIRE_MESSAGE(::poll(&ready, 1, milliseconds(kTimeout).count()) == 1, text);
      all += read_some();
    }
    return all;
  }
  // Whole lines until so many have come or are said to be lost.
  [[nodiscard]] std::string read_lines(std::size_t count, std::size_t width = 40) const;
  // What lies there now.
  [[nodiscard]] std::string read_what_is_there() const {
    std::string all;
    for (pollfd ready{.fd = fds[0], .events = POLLIN, .revents = 0}; ::poll(&ready, 1, 0) == 1;) {
      const auto more = read_some();
      if (more.empty()) break;
      all += more;
    }
    return all;
  }
  [[nodiscard]] std::string read_some() const {
    std::array<char, 8000> buffer{};
    const auto got = ::read(fds[0], buffer.data(), buffer.size());
    REQUIRE(got >= 0);
    return {buffer.data(), static_cast<std::size_t>(got)};
  }

  std::array<int, 2> fds{-1, -1};  // reader, writer
};

// Lines that were numbered from 0: those that came, and what was said to be lost of them.
struct Heard {
  std::vector<int> numbers;
  std::uint64_t lost = 0;
};

Heard heard_in(std::string_view text, std::size_t width = 40) {
  Heard heard;
  while (!text.empty()) {
    const auto end = text.find('\n');
    REQUIRE(end != std::string_view::npos);
    const std::string line(text.substr(0, end + 1));
    text.remove_prefix(end + 1);
    if (line.starts_with("lost ")) {
      heard.lost += std::stoull(line.substr(5));
    } else {
      heard.numbers.push_back(std::stoi(line));
      CHECK(line == line_of(heard.numbers.back(), width));
    }
  }
  return heard;
}

std::string Ends::read_lines(std::size_t count, std::size_t width) const {
  std::string all;
  for (;;) {
    all += read_until("\n");
    if (!all.ends_with('\n')) continue;
    const auto heard = heard_in(all, width);
    if (heard.numbers.size() + heard.lost >= count) return all;
  }
}

}  // namespace

TEST_CASE("lines arrive in order, and all of them") {
  const auto ends = Ends::pipe();
  std::string all;
  std::thread reader([&] { all = ends.read_until("end\n"); });
  {
    LineWriter writer(ends.writer(), std::size_t{1} << 24, lost_line);
    for (int i = 0; i < 10'000; ++i) writer.push(line_of(i));
    writer.push("end\n");
    writer.close(kTimeout);
  }
  reader.join();
  all.resize(all.size() - 4);
  const auto heard = heard_in(all);
  CHECK(heard.lost == 0);
  REQUIRE(heard.numbers.size() == 10'000);
  CHECK(std::ranges::is_sorted(heard.numbers));
}

TEST_CASE("a reader that stands still costs lines, which are counted and said when it reads again") {
  for (const bool socket : {false, true}) {
    CAPTURE(socket);
    const auto ends = socket ? Ends::sockets() : Ends::pipe();
    LineWriter writer(ends.writer(), kMost, lost_line);
    const int count = 50'000;
    for (int i = 0; i < count; ++i) writer.push(line_of(i));
    auto all = ends.read_lines(count);
    writer.push(line_of(count));
    all += ends.read_until(line_of(count));
    const auto heard = heard_in(all);
    CHECK(heard.lost > 0);
    CHECK(heard.numbers.size() + heard.lost == std::size_t(count) + 1);
    CHECK(std::ranges::is_sorted(heard.numbers));
    CHECK(heard.numbers.back() == count);
  }
}

TEST_CASE("a line that could not be made is counted too") {
  const auto ends = Ends::pipe();
  LineWriter writer(ends.writer(), kMost, lost_line);
  writer.lose();
  CHECK(ends.read_until("\n") == "lost 1\n");
}

TEST_CASE("lines longer than a pipe takes at once are whole as well") {
  const auto ends = Ends::pipe();
  LineWriter writer(ends.writer(), std::size_t{1} << 24, lost_line);
  for (int i = 0; i < 100; ++i) writer.push(line_of(i, 9000));
  writer.push("end\n");
  auto all = ends.read_until("end\n");
  all.resize(all.size() - 4);
  CHECK(heard_in(all, 9000).numbers.size() == 100);
}

TEST_CASE("closing does not wait for a reader that stands still") {
  for (const bool socket : {false, true}) {
    CAPTURE(socket);
    const auto ends = socket ? Ends::sockets() : Ends::pipe();
    LineWriter writer(ends.writer(), kMost, lost_line);
    for (int i = 0; i < 50'000; ++i) writer.push(line_of(i));
    writer.close(milliseconds(10));
    CHECK_FALSE(writer.idle());
    const auto there = ends.read_what_is_there();
    const auto heard = heard_in(std::string_view(there).substr(0, there.rfind('\n') + 1));
    CHECK_FALSE(heard.numbers.empty());
    CHECK(heard.numbers.size() < 50'000);
    writer.push("after the end\n");
    writer.close(milliseconds(10));
  }
}

TEST_CASE("closing waits for a reader that is merely slow") {
  const auto ends = Ends::pipe();
  std::string all;
  const int count = 5000;
  std::thread reader;
  {
    LineWriter writer(ends.writer(), std::size_t{1} << 24, lost_line);
    for (int i = 0; i < count; ++i) writer.push(line_of(i));
    reader = std::thread([&] { all = ends.read_until(line_of(count - 1)); });
    writer.close(kTimeout);
    CHECK(writer.idle());
  }
  reader.join();
  CHECK(heard_in(all).numbers.size() == std::size_t(count));
}

TEST_CASE("a thread that the system holds in a write is left behind") {
  // Another process fills the pipe between the question whether it is ready and the answer: here a terminal does it,
  // which is ready with room for a byte and then takes its time with the rest.
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(master >= 0);
  REQUIRE((::grantpt(master) == 0 && ::unlockpt(master) == 0));
  const int terminal = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(terminal >= 0);
  {
    LineWriter writer(terminal, std::size_t{1} << 24, lost_line);
    for (int i = 0; i < 50'000; ++i) writer.push(line_of(i));
    writer.close(milliseconds(10));
  }
  ::close(master);  // lets go of the thread; the terminal stays open, because it may still be there
}

TEST_CASE("a descriptor that does not block is waited for") {
  const auto ends = Ends::pipe();
  REQUIRE(::fcntl(ends.writer(), F_SETFL, O_NONBLOCK) == 0);
  LineWriter writer(ends.writer(), std::size_t{1} << 24, lost_line);
  const int count = 20'000;
  for (int i = 0; i < count; ++i) writer.push(line_of(i));
  const auto heard = heard_in(ends.read_until(line_of(count - 1)));
  CHECK(heard.lost == 0);
  CHECK(heard.numbers.size() == std::size_t(count));
}

TEST_CASE("whoever opens a pipe again goes on where the reader before stopped") {
  std::signal(SIGPIPE, SIG_IGN);
  const test::TemporaryFolder folder;
  const auto path = folder / "log";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  Ends ends;
  ends.fds[0] = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ends.fds[1] = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  LineWriter writer(ends.writer(), kMost, lost_line);
  writer.push(line_of(0, 9000));
  const auto begin = ends.read_until("0 ");
  ends.close_reader();
  for (int i = 1; i < 50; ++i) writer.push(line_of(i, 9000));
  ends.fds[0] = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  const auto rest = begin + ends.read_until("lost ");
  const auto all = rest + (rest.ends_with('\n') ? "" : ends.read_until("\n"));
  const auto heard = heard_in(all, 9000);
  CHECK(heard.lost > 0);
  CHECK(heard.numbers.size() + heard.lost == 50);
}

TEST_CASE("closing does not wait for somebody to come and read") {
  std::signal(SIGPIPE, SIG_IGN);
  auto ends = Ends::pipe();
  ends.close_reader();
  LineWriter writer(ends.writer(), kMost, lost_line);
  writer.push(line_of(0));
  writer.close(kTimeout);
}

TEST_CASE("a file that may not grow goes on where it stopped when it may") {
  std::signal(SIGXFSZ, SIG_IGN);
  const test::TemporaryFolder folder;
  const auto path = folder / "log";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  REQUIRE(file >= 0);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{.rlim_cur = 1010, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
  {
    LineWriter writer(file, kMost, lost_line);
    for (int i = 0; i < 1000; ++i) writer.push(line_of(i));
    while (std::filesystem::file_size(path) < 1010) std::this_thread::yield();
    for (int i = 1000; i < 2000; ++i) writer.push(line_of(i));
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    while (!test::TemporaryFolder::read(path).contains("lost ")) std::this_thread::yield();
    writer.close(kTimeout);
  }
  ::close(file);
  const auto heard = heard_in(test::TemporaryFolder::read(path));
  CHECK(heard.numbers.size() + heard.lost == 2000);
}

}  // namespace bastion
