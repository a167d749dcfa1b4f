#include "bastion/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string>

#include "bastion/base/printable.h"

namespace bastion::log {
namespace {

spdlog::level::level_enum to_spdlog(Level level) {
  switch (level) {
    case Level::debug: return spdlog::level::debug;
    case Level::info: return spdlog::level::info;
    case Level::warning: return spdlog::level::warn;
    case Level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void open(Level level) {
  auto logger = spdlog::stderr_logger_mt("bastion");
  // systemd says by this variable that standard error is its journal (systemd.exec(5)).
  const bool is_journal = std::getenv("JOURNAL_STREAM") != nullptr;
  logger->set_pattern(is_journal ? "%l: %v" : "%Y-%m-%dT%H:%M:%S.%e %l: %v");
  logger->set_level(to_spdlog(level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

bool wants(Level level) { return spdlog::should_log(to_spdlog(level)); }

void write(Level level, std::string_view line) {
  // A peer's text may stand in a line: a control character must not be able to forge another one.
  spdlog::log(to_spdlog(level), "{}", printable(std::string(line)));
}

}  // namespace bastion::log
