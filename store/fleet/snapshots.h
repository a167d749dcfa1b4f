// What all copies have in common at one entry of the log, in parts, in PostgreSQL beside the log: what a new copy
// begins with, and one that has missed what was cut off.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/fleet/change_log.h"

namespace bastion::store::fleet {

struct Snapshot {
  std::int64_t number = 0;  // the last entry that is in it
  std::string entry;        // and its id
  int schema = 0;           // of the copy that it was made of
  std::string name;         // no other one has it
  int parts = 0;            // numbered from 0
  std::string sequences;    // the last ids that were given: `table number` a line
};

// With the connection of a log, which outlives it.
class Snapshots {
 public:
  explicit Snapshots(ChangeLog& log) : log_(log) {}

  // When the log is due to be cut: of a directory whose snapshot has as many parts as `kSmall`, or less. Of a larger
  // one it may be as many times as long, so that what snapshots cost in all does not grow with the directory.
  struct Limits {
    std::int64_t entries = 1000;
    std::int64_t bytes = std::int64_t{16} * 1024 * 1024;
  };
  static constexpr std::int64_t kSmall = 16;
  // Whether so much of the log is behind the newest one.
  [[nodiscard]] Result<bool> is_due(const Limits& limits);
  [[nodiscard]] Result<std::optional<Snapshot>> newest() const;
  // The error says so when it is not what was put there.
  [[nodiscard]] Result<ByteVector> part(const Snapshot& snapshot, int number) const;

  // Puts parts there, as long as `next` gives any; the result is how many. They count once keep() or the log's
  // begin_with() names them.
  using NextPart = std::function<Result<std::optional<ByteVector>>()>;
  [[nodiscard]] Result<int> put_parts(const std::string& name, const NextPart& next);
  // Lets it count, when its entry is one of the log; then cuts the log behind the one before it, and removes older
  // ones. A copy that still needed it takes the newest.
  [[nodiscard]] Result<> keep(const Snapshot& snapshot, const std::string& node);

  // One bastion at a time: false, another one is at it. Until end(), or the connection is lost, which only means that
  // two may do the same.
  [[nodiscard]] Result<bool> begin();
  void end();

 private:
  [[nodiscard]] Result<> run(const char* sql);

  ChangeLog& log_;
};

}  // namespace bastion::store::fleet
