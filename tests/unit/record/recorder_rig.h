// A recorder with a disk that does as a test says, and session channels that are recorded.
#pragma once

#include <doctest/doctest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/wire_format.h"
#include "bastion/metrics/counters.h"
#include "bastion/record/library.h"
#include "bastion/record/recorder.h"
#include "bastion/record/recording.h"
#include "tests/support/temporary_folder.h"

namespace bastion::record {

inline Subject subject_of(std::string session, unsigned number = 1) {
  return {.session = std::move(session),
          .number = number,
          .user = "alice",
          .container = "alice/web",
          .from_host = "192.0.2.1"};
}

inline std::vector<std::string> lines_of(const std::filesystem::path& file) {
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

// All text of one kind, in its order; empty where there is no such file.
inline std::string text_in(const std::filesystem::path& file, Kind kind) {
  std::string text;
  if (!std::filesystem::exists(file)) return text;
  for (const auto& line : lines_of(file)) {
    if (const auto event = parse_event(line); event && event->kind == kind) text += event->data;
  }
  return text;
}

// Whoever waits for what is on it waits until it is.
class Disk {
 public:
  enum class Is : std::uint8_t { usual, full, still };

  WriteCall call() {
    return [this](int file, const void* bytes, std::size_t size) { return write(file, bytes, size); };
  }
  void become(Is is) {
    const std::lock_guard lock(mutex_);
    is_ = is;
    changed_.notify_all();
  }
  // Looks each time when something was written or refused, or is held up.
  void wait_until(const std::function<bool()>& holds) {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(20), holds));
  }
  // Of all that was to be written.
  unsigned writes() {
    const std::lock_guard lock(mutex_);
    return written_;
  }
  void wait_for_write_after(unsigned seen) {
    wait_until([this, seen] { return written_ > seen; });
  }
  void wait_for_refusals(unsigned count) {
    wait_until([this, count] { return refused_ >= count; });
  }
  void wait_until_held_up() {
    wait_until([this] { return is_held_up_; });
  }

 private:
  ssize_t write(int file, const void* bytes, std::size_t size) {
    std::unique_lock lock(mutex_);
    is_held_up_ = is_ == Is::still;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_ != Is::still; });
    const auto written = is_ == Is::full ? write_what_fits(file, bytes) : ::write(file, bytes, size);
    ++(std::cmp_equal(written, size) ? written_ : refused_);
    changed_.notify_all();
    return written;
  }
  // As a file system does.
  ssize_t write_what_fits(int file, const void* bytes) {
    if (!std::exchange(has_room_for_one_, false)) {
      has_room_for_one_ = true;
      errno = ENOSPC;
      return -1;
    }
    return ::write(file, bytes, 1);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Is is_ = Is::usual;
  bool has_room_for_one_ = true;
  bool is_held_up_ = false;
  unsigned written_ = 0;
  unsigned refused_ = 0;
};

struct RecorderRig {
  test::TemporaryFolder folder;
  metrics::Counters counters;
  Disk disk;
  Recorder recorder;

  explicit RecorderRig(const Pace& pace = {.flush = std::chrono::milliseconds(1),
                                           .try_again = std::chrono::milliseconds(1)})
      : recorder(folder / "", counters, disk.call(), pace) {
    REQUIRE(recorder.start());
  }
  void close() { REQUIRE(recorder.close(std::chrono::seconds(20))); }
  std::filesystem::path file(std::string_view session = "s", unsigned number = 1) const {
    return folder / file_name(session, number);
  }
  std::string text(Kind kind) const { return text_in(file(), kind); }
  void wait_for_output(std::string_view text_there) {
    disk.wait_until([&] { return text(Kind::output) == text_there; });
  }
};

// A session channel that is recorded.
class RecordedChannel {
 public:
  RecordedChannel(RecorderRig& rig, RecordPolicy policy, bool input = false,
                  std::optional<std::string> forced = std::nullopt)
      : recording_(rig.recorder,
                   {.policy = policy,
                    .input = input,
                    .subject = subject_of("s"),
                    .number = [this] { return ++number_; },
                    .forced = std::move(forced),
                    .speaks_sftp = [](const connection::SessionStart& start) { return start.words.contains("sftp"); }},
                   [] { return std::int64_t{1'700'000'000}; }) {}

  void request(std::string_view type, Bytes payload = {}) {
    recording_.on_message(connection::Side::user, connection::ChannelRequest{0, type, true, payload});
  }
  void terminal(std::uint32_t columns, std::uint32_t rows) {
    WireWriter out;
    out.string(std::string_view{"xterm"}).u32(columns).u32(rows).u32(0).u32(0).string(std::string_view{});
    request("pty-req", out.view());
  }
  void starts(std::string_view type, std::string_view words) {
    WireWriter out;
    out.string(words);
    request(type, out.view());
  }
  void shows(std::string_view text) {
    recording_.on_message(connection::Side::container, connection::ChannelData{0, bytes_of(text)});
  }
  void complains(std::string_view text) {
    recording_.on_message(connection::Side::container,
                          connection::ChannelExtendedData{0, connection::kStderr, bytes_of(text)});
  }
  void types(std::string_view text) {
    recording_.on_message(connection::Side::user, connection::ChannelData{0, bytes_of(text)});
  }
  void exits(std::uint8_t status) {
    const std::vector<std::uint8_t> payload{0, 0, 0, status};
    recording_.on_message(connection::Side::container, connection::ChannelRequest{0, "exit-status", false, payload});
  }
  void end() { recording_.on_end(); }

 private:
  unsigned number_ = 0;
  Recording recording_;
};

}  // namespace bastion::record
