// What a target promises, checked in every build: a broken promise is a finding, as a crash is.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace bastion::fuzz {

inline void require(bool holds, const char* promise,
                    const std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "%s:%u: broken promise: %s\n", where.file_name(), static_cast<unsigned>(where.line()), promise);
  std::abort();
}

}  // namespace bastion::fuzz
