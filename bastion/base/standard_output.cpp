#include "bastion/base/standard_output.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <tuple>

namespace bastion {

Result<> write_out(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) == 0 && written) return {};
  return fail("standard output: {}", std::strerror(errno));
}

void write_err(std::string_view text) { std::ignore = std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace bastion
