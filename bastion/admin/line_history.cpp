#include "bastion/admin/line_history.h"

#include <algorithm>

namespace bastion::admin {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr std::size_t kMostBytes = std::size_t{256} * 1024;

bool is_blank(std::string_view text) { return text.find_first_not_of(' ') == std::string_view::npos; }

}  // namespace

void LineHistory::add(const std::string& line) {
  if (!is_blank(line) && (lines_.empty() || lines_.back() != line)) {
    lines_.push_back(line);
    bytes_ += line.size();
  }
  while (lines_.size() > kMostLines || bytes_ > kMostBytes) {
    bytes_ -= lines_.front().size();
    lines_.erase(lines_.begin());
  }
  leave();
}

void LineHistory::leave() {
  at_ = lines_.size();
  draft_.clear();
}

std::optional<std::string> LineHistory::older(const std::string& current) {
  if (at_ == 0) return std::nullopt;
  if (at_ == lines_.size()) draft_ = current;
  return lines_[--at_];
}

std::optional<std::string> LineHistory::newer() {
  if (at_ >= lines_.size()) return std::nullopt;
  ++at_;
  return at_ == lines_.size() ? draft_ : lines_[at_];
}

std::optional<std::size_t> LineHistory::find(std::string_view text, std::size_t before) {
  for (auto number = std::min(before, lines_.size()); number-- > 0;) {
    if (!lines_[number].contains(text)) continue;
    at_ = number;
    return number;
  }
  return std::nullopt;
}

}  // namespace bastion::admin
