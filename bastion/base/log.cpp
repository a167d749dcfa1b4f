#include "bastion/base/log.h"

#include <poll.h>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "bastion/base/json_line.h"
#include "bastion/base/last_words.h"
#include "bastion/base/line_writer.h"
#include "bastion/base/printable.h"

namespace bastion::log {
namespace {

// What may wait for a reader that stands still: some eight thousand lines.
constexpr std::size_t kQueue = std::size_t{1024} * 1024;
// For the last lines to be read. systemd and people wait meanwhile.
constexpr std::chrono::milliseconds kFarewell{1000};

// What a file or a peer brings along may be as long as it likes; a journal cuts a line at 48 KiB.
constexpr std::size_t kLongest = std::size_t{32} * 1024;
// Without an Output.
constexpr const char* kShortPattern = "bastion: %l: %v";

const char* pattern() {
  // systemd says by this variable that standard error is its journal (systemd.exec(5)).
  return std::getenv("JOURNAL_STREAM") != nullptr ? "%l: %v" : "%Y-%m-%dT%H:%M:%S.%e %l: %v";
}

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

void write_at_once(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd ready{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
      ::poll(&ready, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

// In JSON the time is everybody's.
std::unique_ptr<spdlog::formatter> time_formatter() {
  return std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ", spdlog::pattern_time_type::utc, "");
}

std::string json_line_of(std::string_view time, const spdlog::details::log_msg& message) {
  const auto level = spdlog::level::to_string_view(message.level);
  return json_line(time, {level.data(), level.size()}, {message.payload.data(), message.payload.size()});
}

// Where formatted lines go.
class Sink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  // To this writer from now on; it is gone when it is taken away again.
  void begin(LineWriter& writer, Form form) {
    if (form == Form::json) {
      set_formatter(time_formatter());
    } else {
      set_pattern(pattern());
    }
    const std::lock_guard lock(mutex_);
    form_ = form;
    way_ = Way::queued;
    writer_ = &writer;
  }
  // From now on at once again, or, when nobody reads there, nowhere: nobody waits for that.
  void end(bool is_read) {
    set_pattern(kShortPattern);
    const std::lock_guard lock(mutex_);
    form_ = Form::text;
    way_ = is_read ? Way::at_once : Way::nowhere;
    writer_ = nullptr;
  }
  void lose() {
    const std::lock_guard lock(mutex_);
    if (writer_ != nullptr) writer_->lose();
  }

 private:
  enum class Way : std::uint8_t { at_once, queued, nowhere };

  void sink_it_(const spdlog::details::log_msg& message) override {
    if (way_ == Way::nowhere) return;
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    const std::string_view text(line.data(), line.size());
    if (form_ == Form::json) return writer_->push(json_line_of(text, message));
    if (way_ == Way::queued) return writer_->push(text);
    write_at_once(text);
  }
  void flush_() override {}

  Form form_ = Form::text;
  Way way_ = Way::at_once;
  LineWriter* writer_ = nullptr;
};

struct Log {
  Log() {
    logger.set_level(spdlog::level::trace);  // wants() has decided
    logger.set_pattern(kShortPattern);
    logger.set_error_handler([this](const std::string&) { sink->lose(); });  // spdlog's own prints, and so waits
  }

  std::shared_ptr<Sink> sink = std::make_shared<Sink>();
  spdlog::logger logger{"bastion", sink};
};

// Never destroyed: a thread of a library may have something to say when the process is ending.
Log& the_log() {
  static Log& log = *new Log;
  return log;
}

std::atomic<Level> g_level = Level::warning;
// For the handler of faults, which may come at any time.
std::atomic<const LineWriter*> g_writer = nullptr;

bool all_written() {
  const auto* const writer = g_writer.load();
  return writer == nullptr || writer->idle();
}

LineWriter::SayLost tell_lost(Form form) {
  return [form](std::uint64_t count) -> std::string {
    const auto formatter =
        form == Form::json ? time_formatter() : std::make_unique<spdlog::pattern_formatter>(pattern());
    spdlog::memory_buf_t line;
    const auto text = fmt::format("the log was not read: lines lost count={}", count);
    const spdlog::details::log_msg message{spdlog::source_loc{}, spdlog::string_view_t{}, spdlog::level::warn, text};
    formatter->format(message, line);
    const std::string_view formatted(line.data(), line.size());
    return form == Form::json ? json_line_of(formatted, message) : std::string(formatted);
  };
}

}  // namespace

Output::Output(Level level, Form form) : writer_(std::make_unique<LineWriter>(STDERR_FILENO, kQueue, tell_lost(form))) {
  the_log().sink->begin(*writer_, form);
  set_level(level);
  g_writer = writer_.get();
  leave_last_words(all_written);
}

Output::~Output() {
  g_writer = nullptr;
  writer_->close(kFarewell);
  the_log().sink->end(writer_->idle());
}

std::uint64_t lost_lines() {
  const auto* const writer = g_writer.load();
  return writer == nullptr ? 0 : writer->lost();
}

void set_level(Level level) { g_level = level; }
Level level() { return g_level.load(std::memory_order_relaxed); }

void vwrite(Level level, fmt::string_view format, fmt::format_args args) noexcept {
  try {
    auto line = fmt::vformat(format, args);
    if (line.size() > kLongest) line.replace(kLongest, std::string::npos, "...");
    // A peer's text may stand in a line: a control character must not be able to forge another one.
    the_log().logger.log(to_spdlog(level), printable(std::move(line)));
  } catch (const std::exception&) {  // no memory
    the_log().sink->lose();
  }
}

}  // namespace bastion::log
