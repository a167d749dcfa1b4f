// The programs that start backends: files that an administrator of this machine has put into one folder, and nobody
// else can have.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <string>

#include "bastion/base/key_command.h"
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

// The same of any program of root's, by its absolute path: that it is one, and nobody else could have put it there.
[[nodiscard]] Result<> must_be_program_of_root(const std::filesystem::path& program);

// Runs `NAME start BACKEND` to its end: no shell, and nothing of ours but PATH in its environment. What it has said on
// standard error, for the log; the error has that too. Blocks.
[[nodiscard]] Result<std::string> run_hook(const std::filesystem::path& folder, const HookRun& run);

// A program that prints keys, and its arguments.
struct KeysRun {
  KeyCommand command;
  KeyQuestion question;
  std::chrono::seconds within{0};
};
// What it has printed, kMostPrinted bytes at most: in the same way. The error has what it has said on standard error.
[[nodiscard]] Result<std::string> run_for_keys(const KeysRun& run);
inline constexpr std::size_t kMostPrinted = std::size_t{64} * 1024;

}  // namespace bastion::hooks
