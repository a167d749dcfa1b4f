#include "bastion/admin/watch.h"

#include <algorithm>
#include <utility>

namespace bastion::admin {
namespace {

constexpr std::uint32_t kUsualRows = 24;

}  // namespace

Watch::Watch(loop::Loop& loop, CommandExecutor& executor, std::vector<std::string> words, Viewer viewer)
    : executor_(executor),
      words_(std::move(words)),
      viewer_(std::move(viewer)),
      is_streamed_(is_streamed(words_)),
      next_(loop, [this] { start(); }) {}

void Watch::start() {
  if (!viewer_.has_room()) return next_.start(is_streamed_ ? kSoon : std::chrono::milliseconds(kEvery));
  executor_.run({.words = words_,
                 .after = after_,
                 .streaming = streaming_,
                 .again = std::exchange(again_, true),
                 .before = before_},
                [this](const Outcome& outcome) {
                  after_ = outcome.next;
                  streaming_ = outcome.streaming;
                  before_ = outcome.activities;
                  const bool goes_on = outcome.status == Status::done && (!is_streamed_ || streaming_);
                  if (goes_on) next_.start(streaming_ ? streaming_->pause : std::chrono::milliseconds(kEvery));
                  viewer_.show(outcome);
                });
}

std::string redrawn(std::string_view text, std::uint32_t rows) {
  std::string drawn = "\x1b[H";
  for (auto room = (rows == 0 ? kUsualRows : rows) - 1; room > 0 && !text.empty(); --room) {
    const auto line = text.substr(0, text.find('\n'));
    drawn.append(line).append("\x1b[K\r\n");
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return drawn + "\x1b[J";
}

}  // namespace bastion::admin
