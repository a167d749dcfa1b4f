#include "bastion/admin/candidates.h"

#include <algorithm>

#include "bastion/base/text_width.h"

namespace bastion::admin {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kColumnsUnsaid = 80;

}  // namespace

std::string side_by_side(const std::vector<std::string>& words, std::size_t columns) {
  std::size_t widest = 0;
  for (const auto& word : words) widest = std::max(widest, width_of(word));
  const auto room = (columns == 0 ? kColumnsUnsaid : columns) - 1;  // a full row may have wrapped already
  const auto across = std::max<std::size_t>(1, (room + kGap) / (widest + kGap));
  const auto down = (words.size() + across - 1) / across;
  std::string text;
  for (std::size_t row = 0; row < down; ++row) {
    for (auto i = row; i < words.size(); i += down) {
      text += words[i];
      if (i + down < words.size()) text.append(widest + kGap - width_of(words[i]), ' ');
    }
    text += '\n';
  }
  return text;
}

}  // namespace bastion::admin
