#include "bastion/admin/watch.h"

#include <algorithm>
#include <utility>

namespace bastion::admin {
namespace {

constexpr std::uint32_t kUsualRows = 24;

}  // namespace

Watch::Watch(loop::Loop& loop, Desk& desk, std::vector<std::string> words, std::function<void(const Outcome&)> show)
    : desk_(desk), words_(std::move(words)), show_(std::move(show)), again_(loop, [this] { start(); }) {}

void Watch::start() {
  desk_.run(words_, std::nullopt, [this](const Outcome& outcome) {
    if (outcome.status == Status::done) again_.start(kEvery);
    show_(outcome);
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
