// The log: one line an event, key=value after the sentence, to standard error (journald adds the time). The only place
// that knows spdlog. Secrets never reach it: callers pass names, fingerprints and addresses, never keys.
//
// Whoever logs while there is an Output neither waits nor fails, whatever becomes of the line. Without an Output, lines
// from warnings on are written at once: that is for programs that do something and end.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>

namespace bastion {
class LineWriter;
}

namespace bastion::log {

enum class Level { debug, info, warning, error };

// Of the lines of an Output: as above, or each an object of JSON with the same fields (json_line.h).
enum class Form : std::uint8_t { text, json };

// The log of a process that serves, for as long as this lives: lines are queued, and written by a thread
// (line_writer.h). There can be one. Whoever may still log must be gone before it.
class Output {
 public:
  // `level` below which lines are dropped. Throws std::system_error when there can be no thread.
  explicit Output(Level level, Form form = Form::text);
  // Writes what is queued, but waits no longer than a second for whoever reads there. When nobody does,
  // later lines go nowhere.
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

 private:
  std::unique_ptr<LineWriter> writer_;
};

// Lines of the Output that nobody will read, since there is one.
[[nodiscard]] std::uint64_t lost_lines();

void set_level(Level level);
[[nodiscard]] Level level();
[[nodiscard]] inline bool wants(Level wanted) { return wanted >= level(); }

void vwrite(Level level, fmt::string_view format, fmt::format_args args) noexcept;

template <typename... Args>
void write(Level level, fmt::format_string<Args...> format, Args&&... args) {
  if (wants(level)) vwrite(level, format, fmt::make_format_args(args...));
}
template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write<Args...>(Level::debug, format, std::forward<Args>(args)...);
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write<Args...>(Level::info, format, std::forward<Args>(args)...);
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write<Args...>(Level::warning, format, std::forward<Args>(args)...);
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write<Args...>(Level::error, format, std::forward<Args>(args)...);
}

}  // namespace bastion::log
