// What a piece of work costs in bytes moved and blocks of memory asked for, by the program itself and by libssh. The
// linker leads their calls here (--wrap, see tests/unit/CMakeLists.txt); shared libraries count their own for nobody.
#pragma once

#include <cstddef>

namespace bastion::test {

struct Work {
  std::size_t copied = 0;       // bytes, by memcpy and memmove, and by ciphers from one buffer into another
  std::size_t allocations = 0;  // malloc, calloc, realloc, new
};

// Adds to `work` what this thread does while it lives.
class CountedWork {
 public:
  explicit CountedWork(Work& work);
  ~CountedWork();
  CountedWork(const CountedWork&) = delete;
  CountedWork& operator=(const CountedWork&) = delete;
};

}  // namespace bastion::test
