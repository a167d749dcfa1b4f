#include "bastion/upstream/before_version.h"

#include <string_view>

namespace bastion::upstream {
namespace {

constexpr std::string_view kVersion = "SSH-";

}  // namespace

std::optional<ByteVector> BeforeVersion::take(Bytes bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<char>(bytes[i]);
    line_ += c;
    if (!in_line_ && line_ == kVersion) {
      ByteVector rest(line_.begin(), line_.end());
      const auto behind = bytes.subspan(i + 1);
      rest.insert(rest.end(), behind.begin(), behind.end());
      return rest;
    }
    if (!in_line_ && kVersion.starts_with(line_)) continue;
    say(line_);
    line_.clear();
    in_line_ = c != '\n';
  }
  return std::nullopt;
}

void BeforeVersion::say(std::string_view text) {
  size_ += text.size();
  said_ += text;
  if (said_.size() > 2 * kKept) said_.erase(0, said_.size() - kKept);
}

}  // namespace bastion::upstream
