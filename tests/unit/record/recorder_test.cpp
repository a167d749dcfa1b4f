#include "bastion/record/recorder.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/metrics/counters.h"
#include "bastion/record/library.h"
#include "bastion/record/recording.h"
#include "tests/support/sftp_packets.h"
#include "tests/support/temporary_folder.h"

namespace bastion::record {
namespace {

using connection::ChannelData;
using connection::ChannelExtendedData;
using connection::ChannelRequest;
using connection::Side;

Subject subject_of(std::string session, unsigned number = 1) {
  return {.session = std::move(session),
          .number = number,
          .user = "alice",
          .container = "alice/web",
          .from_host = "192.0.2.1"};
}

std::vector<std::string> lines_of(const std::filesystem::path& file) {
  std::vector<std::string> lines;
  auto reader = Reader::open(file);
  REQUIRE(reader);
  for (;;) {
    auto line = reader->line();
    REQUIRE(line);
    if (!*line) return lines;
    lines.push_back(**std::move(line));
  }
}

// All text of one kind, in its order.
std::string text_in(const std::filesystem::path& file, Kind kind) {
  std::string text;
  for (const auto& line : lines_of(file)) {
    if (const auto event = parse_event(line); event && event->kind == kind) text += event->data;
  }
  return text;
}

struct Disk {
  std::atomic<bool> is_full = false;
  WriteCall call() {
    return [this](int file, const void* bytes, std::size_t size) -> ssize_t {
      if (!is_full) return ::write(file, bytes, size);
      // As a file system does: what still fits is written.
      const auto some = ::write(file, bytes, 1);
      if (some == 1 && std::exchange(half_, true)) {
        half_ = false;
        errno = ENOSPC;
        return -1;
      }
      return some;
    };
  }

 private:
  bool half_ = false;
};

struct World {
  test::TemporaryFolder folder;
  metrics::Counters counters;
  Disk disk;
  Recorder recorder{folder / "", counters, disk.call()};
  World() { REQUIRE(recorder.start()); }
  void close() { REQUIRE(recorder.close(std::chrono::seconds(20))); }
  std::filesystem::path file(std::string_view session, unsigned number = 1) const {
    return folder / file_name(session, number);
  }
};

template <typename Holds>
void wait_until(Holds holds) {
  for (int i = 0; i < 1000 && !holds(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  REQUIRE(holds());
}

// A session channel that is recorded.
struct Channel {
  Recording recording;
  Channel(World& world, RecordPolicy policy, bool input = false)
      : recording(world.recorder,
                  {.policy = policy, .input = input, .subject = subject_of("s"), .number = [this] { return ++number; }},
                  [] { return std::int64_t{1'700'000'000}; }) {}
  unsigned number = 0;

  void request(std::string_view type, Bytes payload = {}) {
    recording.on_message(Side::user, ChannelRequest{0, type, true, payload});
  }
  void terminal(std::uint32_t columns, std::uint32_t rows) {
    WireWriter out;
    out.string(std::string_view{"xterm"}).u32(columns).u32(rows).u32(0).u32(0).string(std::string_view{});
    request("pty-req", out.view());
  }
  void exec(std::string_view command) {
    WireWriter out;
    out.string(command);
    request("exec", out.view());
  }
  void shows(std::string_view text) { recording.on_message(Side::container, ChannelData{0, bytes_of(text)}); }
  void complains(std::string_view text) {
    recording.on_message(Side::container, ChannelExtendedData{0, connection::kStderr, bytes_of(text)});
  }
  void types(std::string_view text) { recording.on_message(Side::user, ChannelData{0, bytes_of(text)}); }
  void exits(std::uint8_t status) {
    const std::vector<std::uint8_t> payload{0, 0, 0, status};
    recording.on_message(Side::container, ChannelRequest{0, "exit-status", false, payload});
  }
};

}  // namespace

TEST_CASE("what a terminal shows is on the disk while it is still open") {
  World world;
  Channel channel(world, RecordPolicy::terminals);
  channel.terminal(100, 30);
  channel.request("shell");
  channel.shows("$ ");
  channel.types("secret\r");
  channel.shows("done\r\n");
  wait_until([&] {
    return std::filesystem::exists(world.file("s")) && text_in(world.file("s"), Kind::output) == "$ done\r\n";
  });
  const auto header = header_of(world.file("s"));
  REQUIRE(header);
  CHECK(header->width == 100);
  CHECK(header->height == 30);
  CHECK(header->terminal == "xterm");
  CHECK(header->at == 1'700'000'000);
  CHECK(text_in(world.file("s"), Kind::input).empty());
  CHECK(std::filesystem::status(world.file("s")).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  channel.recording.on_end();
}

TEST_CASE("what is typed is recorded only where that was asked for") {
  World world;
  {
    Channel channel(world, RecordPolicy::terminals, true);
    channel.terminal(80, 24);
    channel.request("shell");
    channel.types("ls\r");
    channel.recording.on_end();
  }
  world.close();
  CHECK(text_in(world.file("s"), Kind::input) == "ls\r");
}

TEST_CASE("a window that changes its size is recorded, and how the session ended") {
  World world;
  {
    Channel channel(world, RecordPolicy::terminals);
    channel.terminal(80, 24);
    channel.request("shell");
    WireWriter size;
    size.u32(120).u32(50).u32(0).u32(0);
    channel.request("window-change", size.view());
    channel.exits(3);
    channel.recording.on_end();
  }
  world.close();
  CHECK(text_in(world.file("s"), Kind::resize) == "120x50");
  CHECK(text_in(world.file("s"), Kind::marker) == "exit status 3");
}

TEST_CASE("of a command without a terminal it is recorded that it ran, and not what it carried") {
  World world;
  {
    Channel channel(world, RecordPolicy::all);
    channel.exec("tar c .");
    channel.shows("a lot of bytes");
    channel.complains("tar: no");
    channel.exits(0);
    channel.recording.on_end();
  }
  world.close();
  const auto header = header_of(world.file("s"));
  REQUIRE(header);
  CHECK(header->command == "tar c .");
  CHECK(text_in(world.file("s"), Kind::output).empty());
  CHECK(text_in(world.file("s"), Kind::marker) == "exit status 0");
}

TEST_CASE("a shell without a terminal is recorded by `all` as a terminal is") {
  World world;
  {
    Channel channel(world, RecordPolicy::all);
    channel.request("shell");
    channel.shows("out\n");
    channel.complains("err\n");
    channel.recording.on_end();
  }
  world.close();
  CHECK(text_in(world.file("s"), Kind::output) == "out\nerr\n");
}

TEST_CASE("where terminals are recorded, nothing else is") {
  World world;
  {
    Channel channel(world, RecordPolicy::terminals);
    channel.exec("true");
    channel.recording.on_end();
  }
  world.close();
  CHECK_FALSE(std::filesystem::exists(world.file("s")));
}

TEST_CASE("no choice of requests gets a session rid of its recording") {
  World world;
  {
    Channel channel(world, RecordPolicy::terminals);
    channel.exec("false");  // refused by the container
    channel.terminal(80, 24);
    channel.request("shell");
    channel.shows("before ");
    channel.exec("true");  // a second start, which no server grants
    channel.shows("behind");
    channel.recording.on_end();
  }
  world.close();
  CHECK(text_in(world.file("s"), Kind::output) == "before behind");
  CHECK(text_in(world.file("s"), Kind::marker) == "asked for another start: true");
  CHECK_FALSE(std::filesystem::exists(world.file("s", 2)));
}

TEST_CASE("what is done by SFTP is said, and what is carried is not") {
  World world;
  {
    Channel channel(world, RecordPolicy::all);
    WireWriter out;
    out.string(std::string_view{"sftp"});
    channel.request("subsystem", out.view());
    const auto asks = [&](const ByteVector& packet) { channel.types(text_of(packet)); };
    const auto answers = [&](const ByteVector& packet) { channel.shows(text_of(packet)); };
    asks(sftp::open_packet(1, "/etc/motd", sftp::kOpenRead));
    answers(sftp::handle_packet(1, "h"));
    asks(sftp::read_packet(2, "h", 0, 32768));
    answers(sftp::data_packet(2, "welcome"));
    asks(sftp::request_packet(sftp::Type::close, 3, {"h"}));
    answers(sftp::status_packet(3, sftp::kOk));
    asks(sftp::request_packet(sftp::Type::remove, 4, {"/etc/passwd"}));
    answers(sftp::status_packet(4, sftp::kPermissionDenied));
    asks(sftp::open_packet(5, "left\nopen", sftp::kOpenWrite));
    channel.complains("no packet");
    channel.recording.on_end();
  }
  world.close();
  CHECK(header_of(world.file("s"))->command == "subsystem sftp");
  CHECK(text_in(world.file("s"), Kind::marker) ==
        R"(sftp open "/etc/motd", 7 bytes readsftp remove "/etc/passwd": permission denied)"
        R"(sftp open "left?open", 0 bytes written: its end is not known)");
  CHECK(text_in(world.file("s"), Kind::output).empty());
}

TEST_CASE("a recording on a full disk has a gap and says so, and its file stays whole") {
  World world;
  auto track = world.recorder.begin({.subject = subject_of("s")});
  track->hear(Stream::output, "before ");
  wait_until([&] { return std::filesystem::exists(world.file("s")) && !lines_of(world.file("s")).empty(); });
  world.disk.is_full = true;
  track->hear(Stream::output, "lost");
  wait_until([&] { return world.recorder.is_full(); });
  CHECK(text_in(world.file("s"), Kind::output) == "before ");
  world.disk.is_full = false;
  wait_until([&] { return !world.recorder.is_full(); });
  track->hear(Stream::output, "behind");
  track.reset();
  world.close();
  CHECK(text_in(world.file("s"), Kind::output) == "before behind");
  CHECK(text_in(world.file("s"), Kind::marker).starts_with("bastion: "));
  CHECK(text_in(world.file("s"), Kind::marker).ends_with(" bytes are missing here"));
  CHECK(world.counters.recordings_cut.count() == 1);
}

TEST_CASE("a disk that stands still stops nobody for long, and what does not fit is missing") {
  test::TemporaryFolder folder;
  metrics::Counters counters;
  std::atomic<bool> stands = true;
  Recorder recorder(folder / "", counters, [&](int file, const void* bytes, std::size_t size) -> ssize_t {
    stands.wait(true);
    return ::write(file, bytes, size);
  });
  REQUIRE(recorder.start());
  auto track = recorder.begin({.subject = subject_of("s")});
  const std::string much(64 * 1024, 'x');
  for (std::size_t sent = 0; sent < 2 * Recorder::kCapacity; sent += much.size()) track->hear(Stream::output, much);
  wait_until([&] { return recorder.is_full(); });
  CHECK_FALSE(recorder.is_behind());
  CHECK_FALSE(recorder.close(std::chrono::milliseconds(1)));
  stands = false;
  stands.notify_all();
  track.reset();
  REQUIRE(recorder.close(std::chrono::seconds(20)));
  CHECK(text_in(folder / file_name("s", 1), Kind::marker).ends_with(" bytes are missing here"));
  CHECK(text_in(folder / file_name("s", 1), Kind::output).size() <= Recorder::kCapacity + much.size());
}

TEST_CASE("a recording that was cut in the middle of a frame can be read up to there") {
  World world;
  auto track = world.recorder.begin({.subject = subject_of("s")});
  track->hear(Stream::output, "first");
  wait_until(
      [&] { return std::filesystem::exists(world.file("s")) && !text_in(world.file("s"), Kind::output).empty(); });
  const auto whole = std::filesystem::file_size(world.file("s"));
  track->hear(Stream::output, "second");
  track.reset();
  world.close();
  REQUIRE(std::filesystem::file_size(world.file("s")) > whole + 4);
  std::filesystem::resize_file(world.file("s"), whole + 4);
  CHECK(text_in(world.file("s"), Kind::output) == "first");
}

TEST_CASE("recordings that are too old or too many go, but not what is being written") {
  World world;
  const auto now = std::int64_t{1'800'000'000};
  const auto put = [&](std::string_view session, std::int64_t at, std::size_t bytes) {
    const auto file = world.folder.write(file_name(session, 1), std::string(bytes, 'x'));
    const std::array<timespec, 2> times{timespec{.tv_sec = at, .tv_nsec = 0}, timespec{.tv_sec = at, .tv_nsec = 0}};
    REQUIRE(::utimensat(AT_FDCWD, file.c_str(), times.data(), 0) == 0);
    return file;
  };
  const auto old = put("old", now - 100, 10);
  const auto first = put("first", now - 50, 1000);
  const auto second = put("second", now - 40, 1000);
  const auto other = world.folder.write("notes.txt", "not ours");
  auto track = world.recorder.begin({.subject = subject_of("live")});
  track->hear(Stream::output, "x");
  wait_until([&] { return std::filesystem::exists(world.file("live")); });
  const auto gone = prune(world.folder / "", {.seconds = 60, .bytes = 1500}, now);
  REQUIRE(gone);
  CHECK(*gone == 2);
  CHECK_FALSE(std::filesystem::exists(old));
  CHECK_FALSE(std::filesystem::exists(first));
  CHECK(std::filesystem::exists(second));
  CHECK(std::filesystem::exists(other));
  CHECK(std::filesystem::exists(world.file("live")));
}

TEST_CASE("the recordings of a session are found by its id") {
  test::TemporaryFolder folder;
  folder.write(file_name("abc", 2), "");
  folder.write(file_name("abc", 1), "");
  folder.write(file_name("abcd", 1), "");
  folder.write("abc-x.cast.zst", "");
  const auto found = recordings_of(folder / "", "abc");
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].number == 1);
  CHECK((*found)[1].number == 2);
  CHECK(recordings(folder / "nowhere")->empty());
}

}  // namespace bastion::record
