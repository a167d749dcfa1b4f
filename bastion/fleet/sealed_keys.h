// The private keys that all bastions of a fleet have in common, as they are where others can read them: sealed with a
// key that the administrator carries from one machine to the next. HKDF with SHA-256 (RFC 5869) makes of it the key of
// AES-256-GCM, which nobody opens or changes without it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::fleet {

// 32 random bytes; as text `join-` and 64 hexadecimal digits.
class JoinKey {
 public:
  [[nodiscard]] static Result<JoinKey> make();
  // Spaces and line ends around it count for nothing.
  [[nodiscard]] static Result<JoinKey> parse(std::string_view text);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] Bytes bytes() const { return bytes_; }

 private:
  JoinKey() = default;
  std::array<std::uint8_t, 32> bytes_{};
};

struct KeyFile {
  std::string name;  // its path in the state directory
  std::string text;

  bool operator==(const KeyFile&) const = default;
};

[[nodiscard]] Result<ByteVector> seal(const std::vector<KeyFile>& files, const JoinKey& key);
// The error says that it is not the key.
[[nodiscard]] Result<std::vector<KeyFile>> unseal(Bytes sealed, const JoinKey& key);

}  // namespace bastion::fleet
