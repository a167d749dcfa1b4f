// What the kernel knows of this process (proc(5)).
#pragma once

#include <cstdint>
#include <optional>

namespace bastion::monitor {

struct ProcessFigures {
  double cpu_seconds = 0;
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t open_descriptors = 0;
  std::uint64_t most_descriptors = 0;
  std::uint64_t threads = 0;
};

// Nothing where there is no /proc.
[[nodiscard]] std::optional<ProcessFigures> process_figures();

}  // namespace bastion::monitor
