#include "bastion/access/landing.h"

#include <algorithm>

namespace bastion::access {

const store::Container* landing(const std::vector<store::Container>& open, std::int64_t user) {
  const auto marked =
      std::ranges::find_if(open, [&](const store::Container& one) { return one.is_default && one.owner == user; });
  if (marked != open.end()) return &*marked;
  const auto own = std::ranges::count(open, user, &store::Container::owner);
  return own == 1 || (own == 0 && open.size() == 1) ? &open.front() : nullptr;
}

}  // namespace bastion::access
