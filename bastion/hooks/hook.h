// The programs that start backends: files that an administrator of this machine has put into one folder, and nobody
// else can have.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "bastion/base/result.h"

namespace bastion::hooks {

// The path of a file of that name in the folder. The error says what is wrong with it: the name is no plain one; the
// file is none, a link, or cannot be executed; it, its folder or one above belongs to somebody but root, or others can
// write to it. A folder above may be one in which everybody has files of their own (sticky).
[[nodiscard]] Result<std::filesystem::path> find_hook(const std::filesystem::path& folder, const std::string& name);

struct HookRun {
  std::string name;
  std::string backend;
  std::chrono::seconds within{0};
};

// Runs `NAME start BACKEND` to its end: no shell, and nothing of ours but PATH in its environment. What it has said on
// standard error, for the log; the error has that too. Blocks.
[[nodiscard]] Result<std::string> run_hook(const std::filesystem::path& folder, const HookRun& run);

}  // namespace bastion::hooks
