// Which keys there are, for whoever looks at `top`: in a line below the screen, and on a page of their own. Pure.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/top_look.h"

namespace bastion::admin {

struct ShownKey {
  std::string key;
  std::string what;
};

// As many of them as there is room for, none of them in part, and at the right edge what else there is to say.
[[nodiscard]] std::string line_of_keys(std::span<const ShownKey> keys, std::string_view else_said, std::size_t columns,
                                       TopLook look);

// All of them. No row needs more than 80 columns.
[[nodiscard]] std::vector<std::string> page_of_keys(std::size_t columns, TopLook look);

}  // namespace bastion::admin
