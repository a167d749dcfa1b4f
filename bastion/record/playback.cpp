#include "bastion/record/playback.h"

#include <algorithm>
#include <utility>

#include "bastion/base/printable.h"

namespace bastion::record {
namespace {

using namespace std::chrono_literals;

// What comes so soon is seen at once anyway.
constexpr std::chrono::milliseconds kAtOnce{20};
// So that whoever has looked gets their screen back: the one that was there before, colours, wrapping, the cursor,
// replacing, all lines of it, letters; behind what is there, for to give back lines sends the cursor home.
constexpr std::string_view kGiveBack =
    "\x1b[?1049l\x1b[0m\x1b[?5l\x1b[?6l\x1b[?7h\x1b[?25h\x1b[4l\x1b[r\x1b(B\x0f\x1b[9999;1H\r\n";

}  // namespace

Playback::Playback(Reader reader, const Options& options)
    : reader_(std::move(reader)),
      options_(options),
      harmless_(options.as == As::shown ? Harmless::For::terminal : Harmless::For::lines) {}

Result<Playback::Part> Playback::next() {
  if (options_.as == As::cast) return next_of_cast();
  if (!std::exchange(has_begun_, true)) {
    const auto header = reader_.line();
    if (!header) return std::unexpected(header.error());
    if (const auto read = read_event(); !read) return std::unexpected(read.error());
  }
  Part part;
  std::chrono::microseconds passed{0};
  while (event_ && part.text.size() < kPart) {
    const auto pause = pause_before(*event_);
    if (options_.as == As::shown && passed + pause > kAtOnce) {
      part.pause = std::chrono::ceil<std::chrono::milliseconds>(pause);
      at_ = event_->at;
      return part;
    }
    passed += pause;
    at_ = event_->at;
    show(*event_, part.text);
    if (const auto read = read_event(); !read) return std::unexpected(read.error());
  }
  part.is_last = !event_;
  if (part.is_last && options_.as == As::shown) part.text += kGiveBack;
  return part;
}

Result<Playback::Part> Playback::next_of_cast() {
  Part part;
  while (part.text.size() < kPart) {
    const auto line = reader_.line();
    if (!line) return std::unexpected(line.error());
    part.is_last = !*line;
    if (part.is_last) return part;
    part.text += **line;
  }
  return part;
}

// Lines that are none of ours are passed over.
Result<bool> Playback::read_event() {
  for (;;) {
    const auto line = reader_.line();
    if (!line) return std::unexpected(line.error());
    event_.reset();
    if (!*line) return false;
    event_ = parse_event(**line);
    if (event_) return true;
  }
}

void Playback::show(const Event& event, std::string& out) {
  if (event.kind == Kind::output) return harmless_.append(event.data, out);
  if (event.kind != Kind::marker) return;
  const auto line = printable_on_one_line(event.data, 1000);
  out += options_.as == As::shown ? "\x1b[0m\r\n-- " + line + "\r\n" : "-- " + line + "\n";
}

std::chrono::microseconds Playback::pause_before(const Event& event) {
  auto pause = std::max(event.at - at_, 0us);
  if (options_.idle_limit > 0us) pause = std::min(pause, options_.idle_limit);
  return std::chrono::microseconds(static_cast<std::int64_t>(static_cast<double>(pause.count()) / options_.speed));
}

}  // namespace bastion::record
