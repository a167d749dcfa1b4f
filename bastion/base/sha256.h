// SHA-256 (FIPS 180-4).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "bastion/base/bytes.h"

namespace bastion {

using Sha256 = std::array<std::uint8_t, 32>;

// Of these, one behind the other.
[[nodiscard]] Sha256 sha256(std::initializer_list<Bytes> parts);

}  // namespace bastion
