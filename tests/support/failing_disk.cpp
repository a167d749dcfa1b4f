#include "tests/support/failing_disk.h"

#include <sqlite3.h>

#include <array>
#include <atomic>
#include <cstdlib>

namespace bastion::test {
namespace {

// SQLite's own way to the files (sqlite3.h, "OS Interface Object"), with other methods for the files it opens: a copy
// of the table that each kind of file has, and behind it whose copy it is.
struct Methods {
  sqlite3_io_methods ours;
  const sqlite3_io_methods* real;
};
sqlite3_vfs* g_real = nullptr;
sqlite3_vfs g_ours;
std::array<Methods, 8> g_methods;
std::atomic<std::size_t> g_syncs = 0;
std::atomic<std::size_t> g_refused = 0;
std::atomic<bool> g_full = false;

const sqlite3_io_methods* real_methods(const sqlite3_file* file) {
  return reinterpret_cast<const Methods*>(file->pMethods)->real;
}

int sync_file(sqlite3_file* file, int flags) {
  ++g_syncs;
  return real_methods(file)->xSync(file, flags);
}

int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  if (!g_full) return real_methods(file)->xWrite(file, data, size, offset);
  ++g_refused;
  return SQLITE_FULL;
}

int open_file(sqlite3_vfs* /*ours*/, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int opened = g_real->xOpen(g_real, name, file, flags, out_flags);
  if (opened != SQLITE_OK || file->pMethods == nullptr) return opened;
  for (auto& methods : g_methods) {
    if (methods.real == nullptr) {
      methods = {*file->pMethods, file->pMethods};
      methods.ours.xSync = sync_file;
      methods.ours.xWrite = write_file;
    }
    if (methods.real != file->pMethods) continue;
    file->pMethods = &methods.ours;
    return opened;
  }
  std::abort();  // there are more kinds of files
}

}  // namespace

FailingDisk::FailingDisk() {
  g_real = sqlite3_vfs_find(nullptr);
  g_ours = *g_real;
  g_ours.zName = "failing-disk";
  g_ours.xOpen = open_file;
  g_syncs = 0;
  g_refused = 0;
  g_full = false;
  sqlite3_vfs_register(&g_ours, 1);
}

FailingDisk::~FailingDisk() {
  sqlite3_vfs_unregister(&g_ours);
  sqlite3_vfs_register(g_real, 1);
}

std::size_t FailingDisk::syncs() const { return g_syncs; }
void FailingDisk::be_full(bool full) { g_full = full; }
std::size_t FailingDisk::refused() const { return g_refused; }

}  // namespace bastion::test
