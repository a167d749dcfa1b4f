// Bytes that nobody can guess.
#pragma once

#include <cstddef>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion {

[[nodiscard]] Result<ByteVector> random_bytes(std::size_t count);

}  // namespace bastion
