// What the bastion logs in to a backend or container with.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace bastion::store {

enum class Presented : std::uint8_t {
  key,          // its identity key
  certificate,  // of its CA, for this login
  agent,        // nothing of its own: keys of the user's forwarded agent; of containers only
};

[[nodiscard]] std::string_view text_of(Presented presented);
[[nodiscard]] std::optional<Presented> presented_of(std::string_view text);

}  // namespace bastion::store
