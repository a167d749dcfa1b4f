// The log: one line an event, key=value after the sentence, to standard error (journald adds the time). The only place
// that knows spdlog. Secrets never reach it: callers pass names, fingerprints and addresses, never keys.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace bastion::log {

enum class Level { debug, info, warning, error };

// Call once, before threads start. `level` below which lines are dropped.
void open(Level level);
void write(Level level, std::string_view line);
[[nodiscard]] bool wants(Level level);

template <typename... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  if (wants(Level::debug)) write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  if (wants(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace bastion::log
