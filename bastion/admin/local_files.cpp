#include "bastion/admin/local_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "bastion/base/whole_file.h"

namespace bastion::admin {
namespace {

namespace fs = std::filesystem;

}  // namespace

StandardInput read_standard_input(StandardInput::Kind kind) {
  StandardInput input(kind);
  std::array<char, 64 * 1024> some{};
  for (;;) {
    const auto count = ::read(STDIN_FILENO, some.data(), some.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return StandardInput::none({fmt::format("standard input: {}", std::strerror(errno))});
    if (count == 0 || !input.add({some.data(), static_cast<std::size_t>(count)})) return input;
  }
}

Result<std::vector<NamedText>> read_local_file(std::string_view argument) {
  auto text = read_whole_file(fs::path(argument));
  if (!text) return std::unexpected(std::move(text.error()));
  return std::vector<NamedText>{{std::string(argument), *std::move(text)}};
}

Result<std::vector<NamedText>> read_local_folder(std::string_view argument) {
  const fs::path folder(argument);
  std::vector<NamedText> files;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    if (!at->is_regular_file(error) || at->is_symlink(error)) continue;
    auto text = read_whole_file(at->path());
    if (!text) return std::unexpected(std::move(text.error()));
    files.push_back({at->path().lexically_relative(folder).string(), *std::move(text)});
  }
  if (error) return fail("{}: {}", folder.string(), error.message());
  std::ranges::sort(files, {}, &NamedText::name);
  return files;
}

Result<fs::path> local_path(std::string_view argument) {
  if (argument.empty() || argument == "-") return fail("\"{}\" is no name of a file", argument);
  std::error_code error;
  auto path = fs::absolute(argument, error);
  if (error) return fail("{}: {}", argument, error.message());
  return path;
}

}  // namespace bastion::admin
