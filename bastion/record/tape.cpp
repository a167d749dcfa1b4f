#include "bastion/record/tape.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bastion::record {
namespace {

std::string escaped(std::string_view text) {
  std::string json;
  Utf8Text utf8;
  utf8.append(text, json);
  utf8.finish(json);
  return json;
}

constexpr Kind kind_of(Stream stream) { return stream == Stream::input ? Kind::input : Kind::output; }

// Nothing, or why not all of it was written.
int write_all(int file, std::string_view bytes, const WriteCall& write) {
  while (!bytes.empty()) {
    const auto written = write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return written < 0 ? errno : ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

Tape::~Tape() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Tape::hear(std::chrono::microseconds at, Stream stream, std::string_view bytes) {
  say_missing(at);
  std::string json;
  texts_.at(static_cast<std::size_t>(stream)).append(bytes, json);
  if (!json.empty()) append_event(at, kind_of(stream), json, lines_);
}

void Tape::resize(std::chrono::microseconds at, std::string_view size) { append(at, Kind::resize, size); }

void Tape::mark(std::chrono::microseconds at, std::string_view text) { append(at, Kind::marker, text); }

// Of a text that is whole.
void Tape::append(std::chrono::microseconds at, Kind kind, std::string_view text) {
  say_missing(at);
  append_event(at, kind, escaped(text), lines_);
}

void Tape::end(std::chrono::microseconds at) {
  for (const auto stream : {Stream::output, Stream::errors, Stream::input}) {
    std::string json;
    texts_.at(static_cast<std::size_t>(stream)).finish(json);
    if (!json.empty()) append_event(at, kind_of(stream), json, lines_);
  }
  say_missing(at);
  has_ended_ = true;
}

// What was begun before the gap is not gone on with behind it.
void Tape::say_missing(std::chrono::microseconds at) {
  const auto missing = missing_.exchange(0);
  if (missing == 0) return;
  missing_in_all_ += missing;
  for (auto& text : texts_) {
    std::string json;
    text.finish(json);
    if (!json.empty()) append_event(at, Kind::output, json, lines_);
  }
  append(at, Kind::marker, fmt::format("bastion: {} bytes are missing here", missing));
}

// Locked for as long as it is written: who takes old ones away leaves it alone.
Result<> Tape::open() {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor_ < 0) return fail("{}: {}", file_.string(), std::strerror(errno));
  ::flock(descriptor_, LOCK_EX | LOCK_NB);
  return {};
}

Result<> Tape::flush(Compressor& compressor, const WriteCall& write) {
  if (lines_.empty() && header_.empty()) return {};
  const auto size = lines_.size();
  Result<> outcome = descriptor_ < 0 ? open() : Result<>{};
  if (outcome) {
    auto frame = compressor.frame(header_ + lines_);
    if (!frame) {
      outcome = std::unexpected(frame.error());
    } else if (const auto error = write_all(descriptor_, *frame, write); error != 0) {
      outcome = fail("{}: {}", file_.string(), std::strerror(error));
      std::ignore = ::ftruncate(descriptor_, written_);
    } else {
      written_ += static_cast<off_t>(frame->size());
      header_.clear();
    }
  }
  if (!outcome) missing_ += size;
  lines_.clear();
  return outcome;
}

}  // namespace bastion::record
