// AES-256-GCM (NIST SP 800-38D), as OpenSSL has it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "bastion/base/bytes.h"

namespace bastion::aes_gcm {

inline constexpr std::size_t kTagSize = 16;
using Key = std::array<std::uint8_t, 32>;
using Nonce = std::array<std::uint8_t, 12>;  // with one key, none is used twice

// What has been made of the text, and its tag behind it. `about` is authenticated too, and not in it. Nothing when
// OpenSSL refuses.
[[nodiscard]] std::optional<ByteVector> encrypt(const Key& key, const Nonce& nonce, Bytes text,
                                                const std::vector<Bytes>& about = {});
// Nothing when it was not made with this key, this nonce and the same `about`, or has been changed.
[[nodiscard]] std::optional<ByteVector> decrypt(const Key& key, const Nonce& nonce, Bytes encrypted,
                                                const std::vector<Bytes>& about = {});

}  // namespace bastion::aes_gcm
