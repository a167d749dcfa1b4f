#include "bastion/record/library.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>

namespace bastion::record {
namespace {

constexpr std::string_view kEnding = ".cast.zst";
// Longer than any line of ours: a packet, each byte of it escaped.
constexpr std::size_t kLongestLine = std::size_t{4} * 1024 * 1024;

std::optional<Found> found_at(const std::filesystem::path& file) {
  const auto name = file.filename().string();
  if (!name.ends_with(kEnding)) return std::nullopt;
  const auto stem = std::string_view(name).substr(0, name.size() - kEnding.size());
  const auto dash = stem.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  Found found{.file = file, .session = std::string(stem.substr(0, dash))};
  const auto [end, error] = std::from_chars(stem.data() + dash + 1, stem.data() + stem.size(), found.number);
  if (error != std::errc{} || end != stem.data() + stem.size()) return std::nullopt;
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  found.bytes = status.st_size;
  found.written_at = status.st_mtim.tv_sec;
  return found;
}

// Nobody writes it any more, and it is gone. False: somebody does.
bool remove_finished(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return false;
  const bool gone = ::flock(descriptor, LOCK_SH | LOCK_NB) == 0 && ::unlink(file.c_str()) == 0;
  ::close(descriptor);
  return gone;
}

}  // namespace

std::string file_name(std::string_view session, unsigned number) {
  return fmt::format("{}-{}{}", session, number, kEnding);
}

Result<std::vector<Found>> recordings(const std::filesystem::path& folder) {
  std::vector<Found> all;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  if (error == std::errc::no_such_file_or_directory) return all;
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (auto found = found_at(entry->path())) all.push_back(*std::move(found));
  }
  if (error) return fail("{}: {}", folder.string(), error.message());
  std::ranges::sort(all, [](const Found& one, const Found& other) {
    return std::tuple(other.written_at, other.session, one.number) <
           std::tuple(one.written_at, one.session, other.number);
  });
  return all;
}

Result<std::size_t> prune(const std::filesystem::path& folder, const Keep& keep, std::int64_t now) {
  const auto all = recordings(folder);
  if (!all) return std::unexpected(all.error());
  std::int64_t bytes = 0;
  for (const auto& found : *all) bytes += found.bytes;
  std::size_t gone = 0;
  for (auto found = all->rbegin(); found != all->rend(); ++found) {
    const bool is_old = keep.seconds > 0 && found->written_at < now - keep.seconds;
    const bool are_many = keep.bytes > 0 && bytes > keep.bytes;
    if ((!is_old && !are_many) || !remove_finished(found->file)) continue;
    bytes -= found->bytes;
    ++gone;
  }
  return gone;
}

Result<Reader> Reader::open(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return fail("{}: cannot be read", file.string());
  return Reader(std::move(stream));
}

Result<std::optional<std::string>> Reader::line() {
  for (;;) {
    if (const auto end = text_.find('\n', at_); end != std::string::npos) {
      auto line = text_.substr(at_, end + 1 - at_);
      at_ = end + 1;
      return line;
    }
    text_.erase(0, std::exchange(at_, 0));
    if (text_.size() > kLongestLine) return fail("the recording is damaged: a line is too long");
    const auto more = read_more();
    if (!more) return std::unexpected(more.error());
    if (!*more) return std::nullopt;
  }
}

Result<bool> Reader::read_more() {
  auto read = frames_->read(text_);
  if (!read || *read) return read;
  std::array<char, 64 * 1024> piece{};
  file_.read(piece.data(), piece.size());
  frames_->feed({piece.data(), static_cast<std::size_t>(file_.gcount())});
  return file_.gcount() > 0;
}

Result<Header> header_of(const std::filesystem::path& file) {
  auto reader = Reader::open(file);
  if (!reader) return std::unexpected(reader.error());
  const auto line = reader->line();
  if (!line) return std::unexpected(line.error());
  if (!*line) return fail("{}: it is empty", file.string());
  return parse_header(**line);
}

}  // namespace bastion::record
