#include "bastion/hooks/hook.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "bastion/base/child_process.h"
#include "bastion/base/name.h"

namespace bastion::hooks {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostPrinted = std::size_t{64} * 1024;
// The end of it, where an error usually is.
constexpr std::size_t kMostSaid = 1000;

enum class What : std::uint8_t { file, folder, folder_above };

// What root has alone.
Result<> must_be_roots(const fs::path& path, What what) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0) return fail("{}: {}", path.native(), std::strerror(errno));
  if (what == What::file && !S_ISREG(status.st_mode)) return fail("{} is not a file", path.native());
  if (what != What::file && !S_ISDIR(status.st_mode)) return fail("{} is not a folder", path.native());
  if (status.st_uid != 0) return fail("{} does not belong to root", path.native());
  const bool is_sticky = what == What::folder_above && (status.st_mode & S_ISVTX) != 0;
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !is_sticky) {
    return fail("{} can be written by others than root", path.native());
  }
  return {};
}

std::string end_of(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text.substr(text.size() - std::min(text.size(), kMostSaid)));
}

}  // namespace

Result<fs::path> find_hook(const fs::path& folder, const std::string& name) {
  if (!is_name(name)) return fail("{:?} is no name of a hook", name);
  if (!folder.is_absolute()) return fail("{} is no absolute path", folder.native());
  auto path = folder / name;
  if (auto fits = must_be_roots(path, What::file); !fits) return std::unexpected(std::move(fits.error()));
  if (auto fits = must_be_roots(folder, What::folder); !fits) return std::unexpected(std::move(fits.error()));
  for (auto above = folder.parent_path();; above = above.parent_path()) {
    if (auto fits = must_be_roots(above, What::folder_above); !fits) return std::unexpected(std::move(fits.error()));
    if (above == above.parent_path()) break;
  }
  if (::access(path.c_str(), X_OK) != 0) return fail("{} cannot be executed: {}", path.native(), std::strerror(errno));
  return path;
}

Result<std::string> run_hook(const fs::path& folder, const HookRun& run) {
  if (!is_name(run.backend)) return fail("{:?} is no name of a backend", run.backend);
  const auto path = find_hook(folder, run.name);
  if (!path) return std::unexpected(path.error());
  const auto ran = run_child({.arguments = {path->native(), "start", run.backend},
                              .longest = kMostPrinted,
                              .within = std::chrono::milliseconds(run.within)});
  if (!ran) return std::unexpected(ran.error());
  auto said = end_of(ran->err);
  if (ran->status == 0) return said;
  const auto how = ran->status ? fmt::format("ended with status {}", *ran->status) : "was killed by a signal";
  return fail("{} {}{}{}", path->native(), how, said.empty() ? "" : ": ", said);
}

}  // namespace bastion::hooks
