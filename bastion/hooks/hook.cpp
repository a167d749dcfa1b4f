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

std::unexpected<Error> not_well(std::string_view program, const ChildOutcome& ran) {
  const auto said = end_of(ran.err);
  const auto how = ran.status ? fmt::format("ended with status {}", *ran.status) : "was killed by a signal";
  return fail("{} {}{}{}", program, how, said.empty() ? "" : ": ", said);
}

}  // namespace

Result<> must_be_program_of_root(const fs::path& program) {
  if (!program.is_absolute()) return fail("{} is no absolute path", program.native());
  if (auto fits = must_be_roots(program, What::file); !fits) return fits;
  const auto folder = program.parent_path();
  if (auto fits = must_be_roots(folder, What::folder); !fits) return fits;
  for (auto above = folder.parent_path();; above = above.parent_path()) {
    if (auto fits = must_be_roots(above, What::folder_above); !fits) return fits;
    if (above == above.parent_path()) break;
  }
  if (::access(program.c_str(), X_OK) == 0) return {};
  return fail("{} cannot be executed: {}", program.native(), std::strerror(errno));
}

Result<fs::path> find_hook(const fs::path& folder, const std::string& name) {
  if (!is_name(name)) return fail("{:?} is no name of a hook", name);
  if (!folder.is_absolute()) return fail("{} is no absolute path", folder.native());
  auto path = folder / name;
  if (auto fits = must_be_program_of_root(path); !fits) return std::unexpected(std::move(fits.error()));
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
  if (ran->status == 0) return end_of(ran->err);
  return not_well(path->native(), *ran);
}

Result<std::string> run_for_keys(const KeysRun& run) {
  const auto words = expanded(run.command, run.question);
  if (words.empty()) return fail("there is no program that prints keys");
  if (auto fits = must_be_program_of_root(words.front()); !fits) return std::unexpected(std::move(fits.error()));
  auto ran = run_child({.arguments = words, .longest = kMostPrinted, .within = run.within});
  if (!ran) return std::unexpected(std::move(ran.error()));
  if (ran->status == 0) return std::move(ran->out);
  return not_well(words.front(), *ran);
}

}  // namespace bastion::hooks
