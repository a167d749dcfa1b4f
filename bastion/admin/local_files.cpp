#include "bastion/admin/local_files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "bastion/base/whole_file.h"

namespace bastion::admin {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostEntries = 100'000;
constexpr std::size_t kLongestFile = std::size_t{1024} * 1024;
constexpr std::size_t kLongestFolder = std::size_t{256} * 1024 * 1024;

// A folder with keys of users in it, being read.
class FolderReading {
 public:
  explicit FolderReading(fs::path folder) : folder_(std::move(folder)) {}

  void add(const fs::path& name) {
    const auto kind = kind_of(name);
    if (kind == fs::file_type::directory) return add_folder(name);
    read(name, kind);
  }
  [[nodiscard]] std::vector<NamedText> take() { return std::move(files_); }

 private:
  // Of itself: a link is a link.
  [[nodiscard]] fs::file_type kind_of(const fs::path& name) const {
    std::error_code error;
    return fs::symlink_status(folder_ / name, error).type();
  }

  void leave_out(const fs::path& name, std::string why) { files_.push_back({name.string(), {}, std::move(why)}); }

  void add_folder(const fs::path& name) {
    bool has_any = false;
    for (const auto& where : {name, name / ".ssh"}) {
      const auto kind = kind_of(where);
      if (kind == fs::file_type::not_found) continue;
      if (kind != fs::file_type::directory) {
        leave_out(where, "it is no folder, and links are not followed");
        continue;
      }
      for (const auto* const file : {"authorized_keys", "authorized_keys2"}) {
        const auto kind_of_file = kind_of(where / file);
        if (kind_of_file == fs::file_type::not_found) continue;
        has_any = true;
        read(where / file, kind_of_file);
      }
    }
    if (!has_any) leave_out(name, "there is no authorized_keys in it, nor in its .ssh");
  }

  void read(const fs::path& name, fs::file_type kind) {
    if (kind == fs::file_type::symlink) return leave_out(name, "links are not followed");
    if (kind != fs::file_type::regular) return leave_out(name, "it is no regular file");
    auto text = read_whole_file(folder_ / name, kLongestFile, Waiting::refused);
    if (!text) return leave_out(name, text.error().text);
    if (text->size() > kLongestFile) return leave_out(name, fmt::format("it is longer than {} bytes", kLongestFile));
    size_ += text->size();
    if (size_ > kLongestFolder) return leave_out(name, "what was read before it is too much already");
    files_.push_back({name.string(), *std::move(text)});
  }

  fs::path folder_;
  std::size_t size_ = 0;
  std::vector<NamedText> files_;
};

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
  std::error_code error;
  std::vector<fs::path> names;
  for (fs::directory_iterator at(folder, error); !error && at != fs::directory_iterator(); at.increment(error)) {
    if (names.size() == kMostEntries)
      return fail("{}: there are more than {} files in it", folder.string(), kMostEntries);
    names.push_back(at->path().filename());
  }
  if (error) return fail("{}: {}", folder.string(), error.message());
  std::ranges::sort(names);
  FolderReading reading(folder);
  for (const auto& name : names) reading.add(name);
  return reading.take();
}

Result<fs::path> local_path(std::string_view argument) {
  if (argument.empty() || argument == "-") return fail("\"{}\" is no name of a file", argument);
  std::error_code error;
  auto path = fs::absolute(argument, error);
  if (error) return fail("{}: {}", argument, error.message());
  return path;
}

}  // namespace bastion::admin
