// `bastion audit forward`: gives the rows of the audit to a program, in a process of its own that serves nobody.
//
// The program is started with some rows on its standard input, a line of JSON each, and has taken them when it ends
// with status 0. Then the cursor moves, and the next rows are for the next start. So a row is given again when the
// program fails, when either is killed before, or the cursor cannot be written; and none is left out.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "bastion/config/config.h"

namespace bastion::admin {

struct AuditForwarding {
  // So many rows, or bytes and one row, at a time.
  static constexpr int kRowsAtOnce = 500;
  static constexpr std::size_t kBytesAtOnce = std::size_t{1024} * 1024;
  // The program has so long for them.
  static constexpr std::chrono::seconds kWithin{60};
  // What it may print, which goes to standard error.
  static constexpr std::size_t kLongestPrinted = std::size_t{64} * 1024;
  // How soon it is looked for new rows; after a failure first that, then twice as long each time.
  static constexpr std::chrono::milliseconds kEvery{1000};
  static constexpr std::chrono::milliseconds kLongestPause{60'000};

  std::filesystem::path cursor;
  std::vector<std::string> program;  // and its arguments
  bool once = false;                 // what is there, and no more
};

// Until SIGTERM or SIGINT, which lets the program end first. Returns the exit status: 1 where the cursor or the
// database is none, or, once, the program has failed.
[[nodiscard]] int forward_audit(const config::Config& config, const AuditForwarding& forwarding);

}  // namespace bastion::admin
