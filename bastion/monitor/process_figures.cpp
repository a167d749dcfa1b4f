#include "bastion/monitor/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "bastion/base/whole_file.h"

namespace bastion::monitor {

std::optional<ProcessFigures> process_figures() {
  const auto stat = read_whole_file("/proc/self/stat", 4096, Waiting::refused);
  if (!stat) return std::nullopt;
  // The name of the program, in brackets, may have anything in it; the fields behind it begin with the third.
  std::istringstream fields(stat->substr(stat->rfind(')') + 1));
  const std::vector<std::string> values{std::istream_iterator<std::string>(fields), {}};
  constexpr std::size_t kThird = 3;
  const auto field = [&](std::size_t number) -> std::uint64_t {
    if (number - kThird >= values.size()) return 0;
    return std::strtoull(values[number - kThird].c_str(), nullptr, 10);
  };
  ProcessFigures figures;
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  figures.cpu_seconds = static_cast<double>(field(14) + field(15)) / ticks;
  figures.threads = field(20);
  figures.virtual_bytes = field(23);
  figures.resident_bytes = field(24) * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc/self/fd", error);
       !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    ++figures.open_descriptors;
  }
  if (figures.open_descriptors > 0) --figures.open_descriptors;  // that of the folder itself
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.most_descriptors = limit.rlim_cur;
  return figures;
}

}  // namespace bastion::monitor
