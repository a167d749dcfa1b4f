#include "bastion/admin/local_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bastion::admin {
namespace {

namespace fs = std::filesystem;

Result<std::string> read_path(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) return fail("{}: {}", path.string(), std::strerror(errno));
  std::error_code error;
  if (fs::is_directory(path, error)) return fail("{}: this is a folder, not a file", path.string());
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return fail("{}: {}", path.string(), std::strerror(errno));
  return text;
}

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
  auto text = read_path(fs::path(argument));
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
    auto text = read_path(at->path());
    if (!text) return std::unexpected(std::move(text.error()));
    files.push_back({at->path().lexically_relative(folder).string(), *std::move(text)});
  }
  if (error) return fail("{}: {}", folder.string(), error.message());
  std::ranges::sort(files, {}, &NamedText::name);
  return files;
}

Result<fs::path> local_path(std::string_view argument) {
  if (argument.empty() || argument == "-") return fail("\"{}\" is no name of a file", argument);
  return fs::absolute(argument);
}

}  // namespace bastion::admin
