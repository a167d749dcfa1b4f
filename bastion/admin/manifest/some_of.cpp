#include "bastion/admin/manifest/some_of.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bastion::admin {

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kShown = 5;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kShown; ++i) text += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

std::vector<std::string> names_of(const std::vector<store::Container>& containers) {
  std::vector<std::string> names;
  names.reserve(containers.size());
  for (const auto& container : containers) names.push_back(container.full_name());
  return names;
}

}  // namespace bastion::admin
