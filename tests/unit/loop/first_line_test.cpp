#include "bastion/loop/first_line.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "bastion/loop/local_listener.h"
#include "bastion/loop/loop.h"
#include "tests/support/temporary_folder.h"

namespace bastion::loop {
namespace {

constexpr std::size_t kLongest = 8;

struct TwoEnds {
  TwoEnds() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0);
    near = Descriptor(ends[0]);
    far = Descriptor(ends[1]);
  }
  void say(std::string_view text) const { REQUIRE(::write(far.get(), text.data(), text.size()) == std::ssize(text)); }
  // The line, or why there is none.
  [[nodiscard]] std::string read() const {
    Loop loop;
    auto task = read_first_line(loop, near, kLongest, std::chrono::milliseconds(50));
    std::string what;
    task.start([&] {
      const auto line = task.take();
      what = line ? *line : "error: " + line.error().text;
      loop.stop();
    });
    loop.run();
    return what;
  }
  [[nodiscard]] std::string rest() const {
    std::array<char, 100> bytes{};
    const auto count = ::read(near.get(), bytes.data(), bytes.size());
    return {bytes.data(), count < 0 ? 0 : static_cast<std::size_t>(count)};
  }

  Descriptor near;
  Descriptor far;
};

}  // namespace

TEST_CASE("the first line is read, and what follows it is left to others") {
  const TwoEnds ends;
  ends.say("+\nSSH-2.0\n");
  CHECK(ends.read() == "+");
  CHECK(ends.rest() == "SSH-2.0\n");
}

TEST_CASE("what is no line is told apart") {
  TwoEnds ends;
  ends.say("no end");
  CHECK(ends.read() == "error: it says nothing");
  ends.say("\n123456789\n");
  CHECK(ends.read() == "");
  CHECK(ends.read() == "error: it says too much");
  ends.far = Descriptor();
  CHECK(ends.rest() == "\n");
  CHECK(ends.read() == "error: it hangs up");
}

TEST_CASE("a loop connects at once, or hears why it cannot") {
  const test::TemporaryFolder folder;
  const auto file = folder / "link";
  CHECK_FALSE(connect_local_at_once(file).error().nobody_listens);
  {
    Loop loop;
    const auto listener = LocalListener::open(loop, file, [](const Descriptor&) {});
    REQUIRE(listener);
    CHECK(connect_local_at_once(file));
  }
  // As a process leaves it that was killed.
  Loop loop;
  auto listener = LocalListener::open(loop, file, [](const Descriptor&) {});
  REQUIRE(listener);
  std::filesystem::rename(file, folder / "left");
  listener->reset();
  CHECK(connect_local_at_once(folder / "left").error().nobody_listens);
}

}  // namespace bastion::loop
