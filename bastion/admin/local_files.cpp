#include "bastion/admin/local_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
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

// Closes with its owner.
class Opened {
 public:
  // No link is followed, nothing is waited for.
  Opened(int folder, const char* name, int how)
      : descriptor_(::openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | how)),
        error_(descriptor_ < 0 ? errno : 0) {}
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] int error() const { return error_; }  // errno; 0: it is open

 private:
  int descriptor_;
  int error_;
};

enum class Kind : std::uint8_t { missing, unknown, folder, file, link, other };

// Of itself: a link is a link. `error` says why it cannot be told.
Kind kind_in(int folder, const char* name, int& error) {
  struct stat status{};
  error = 0;
  if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
    error = errno;
    return error == ENOENT || error == ENOTDIR ? Kind::missing : Kind::unknown;
  }
  if (S_ISDIR(status.st_mode)) return Kind::folder;
  if (S_ISREG(status.st_mode)) return Kind::file;
  return S_ISLNK(status.st_mode) ? Kind::link : Kind::other;
}

// A folder with keys of users in it, being read. Each part of a path is opened in the one before it: what was looked at
// is what is read, whatever its owner puts into its place meanwhile.
class FolderReading {
 public:
  explicit FolderReading(int folder) : folder_(folder) {}

  void add(const fs::path& name) {
    int error = 0;
    const auto kind = kind_in(folder_, name.c_str(), error);
    if (kind == Kind::folder) return add_user(name);
    read(folder_, name, kind, error);
  }
  [[nodiscard]] std::vector<NamedText> take() { return std::move(files_); }

 private:
  void leave_out(const fs::path& name, std::string why) { files_.push_back({name.string(), {}, std::move(why)}); }
  void leave_out(const fs::path& name, int error) { leave_out(name, std::strerror(error)); }

  void add_user(const fs::path& name) {
    const Opened home(folder_, name.c_str(), O_DIRECTORY);
    if (home.error() != 0) return leave_out(name, home.error());
    bool has_any = read_keys_in(home.get(), name);
    int error = 0;
    const auto kind = kind_in(home.get(), ".ssh", error);
    if (kind == Kind::unknown) {
      leave_out(name / ".ssh", error);
    } else if (kind != Kind::missing && kind != Kind::folder) {
      leave_out(name / ".ssh", "it is no folder, and links are not followed");
    } else if (kind == Kind::folder) {
      const Opened inner(home.get(), ".ssh", O_DIRECTORY);
      if (inner.error() != 0) return leave_out(name / ".ssh", inner.error());
      has_any = read_keys_in(inner.get(), name / ".ssh") || has_any;
    }
    if (!has_any) leave_out(name, "there is no authorized_keys in it, nor in its .ssh");
  }

  // Whether there are any.
  bool read_keys_in(int folder, const fs::path& where) {
    bool has_any = false;
    for (const auto* const file : {"authorized_keys", "authorized_keys2"}) {
      int error = 0;
      const auto kind = kind_in(folder, file, error);
      if (kind == Kind::missing) continue;
      has_any = true;
      read(folder, where / file, kind, error);
    }
    return has_any;
  }

  void read(int folder, const fs::path& name, Kind kind, int error) {
    if (kind == Kind::missing || kind == Kind::unknown) return leave_out(name, error);
    if (kind == Kind::link) return leave_out(name, "links are not followed");
    if (kind != Kind::file) return leave_out(name, "it is no regular file");
    const Opened file(folder, name.filename().c_str(), 0);
    if (file.error() == ELOOP) return leave_out(name, "links are not followed");
    if (file.error() != 0) return leave_out(name, file.error());
    struct stat status{};
    if (::fstat(file.get(), &status) != 0) return leave_out(name, errno);
    if (!S_ISREG(status.st_mode)) return leave_out(name, "it is no regular file");
    auto text = read_descriptor(file.get(), kLongestFile, Waiting::refused);
    if (!text) return leave_out(name, text.error().text);
    if (text->size() > kLongestFile) return leave_out(name, fmt::format("it is longer than {} bytes", kLongestFile));
    size_ += text->size();
    if (size_ > kLongestFolder) return leave_out(name, "what was read before it is too much already");
    files_.push_back({name.string(), *std::move(text)});
  }

  int folder_;
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
  // Whoever gave its name may have meant a link; nothing behind it is one that is followed.
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return fail("{}: {}", folder.string(), std::strerror(errno));
  FolderReading reading(opened);
  for (const auto& name : names) reading.add(name);
  ::close(opened);
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
