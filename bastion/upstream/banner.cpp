#include "bastion/upstream/banner.h"

#include "bastion/base/printable.h"

namespace bastion::upstream {
namespace {

constexpr std::size_t kMostInSummary = 1024;
// ssh(1) shows 400 bytes of a sentence that comes with a disconnection.
constexpr std::size_t kMostInSentence = 200;

}  // namespace

std::string Banner::take(std::string_view message) {
  auto lines = printable_lines(message.substr(0, kMost - text_.size()));
  lines.resize(std::min(lines.size(), kMost - text_.size()));
  text_ += lines;
  if (auto last = printable_on_one_line(message.substr(0, kMost), kMostInSentence); !last.empty()) {
    last_ = std::move(last);
  }
  return lines;
}

std::string Banner::summary() const { return printable_on_one_line(text_, kMostInSummary); }

}  // namespace bastion::upstream
