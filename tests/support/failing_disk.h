// The disk below SQLite, for as long as this lives: counts what is forced onto it, and is full when it is told to be.
// For databases that are opened meanwhile; there can be one.
#pragma once

#include <cstddef>

namespace bastion::test {

class FailingDisk {
 public:
  FailingDisk();
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  // fsync and fdatasync, of any file.
  [[nodiscard]] std::size_t syncs() const;
  // Whether writes fail (SQLITE_FULL) from now on.
  void be_full(bool full);
  // How many have failed.
  [[nodiscard]] std::size_t refused() const;
};

}  // namespace bastion::test
