// A line of authorized_keys(5). Pure; it may come from anywhere.
#pragma once

#include <string_view>

namespace bastion::access {

// Split: the options, if there are any, and the key behind them. Neither is looked at.
struct AuthorizedKey {
  std::string_view options;
  std::string_view key;
};
[[nodiscard]] AuthorizedKey split_authorized_key(std::string_view line);

}  // namespace bastion::access
