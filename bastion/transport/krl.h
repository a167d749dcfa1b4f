// Key revocation lists as `ssh-keygen -k` writes them (OpenSSH's PROTOCOL.krl). Pure; the bytes may come from anywhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::transport {

struct SerialRange {
  std::uint64_t first = 0;
  std::uint64_t last = 0;  // this one too

  bool operator==(const SerialRange&) const = default;
};

struct Krl {
  // Certificates of one CA.
  struct OfCa {
    ByteVector ca{};                     // its key; empty: of every CA
    std::vector<SerialRange> serials{};  // sorted, none touches another
    std::vector<std::string> key_ids{};
  };
  std::vector<std::string> keys{};  // fingerprints: `SHA256:…`, `SHA1:…`
  std::vector<OfCa> certificates{};

  [[nodiscard]] std::size_t size() const;
};

inline constexpr std::size_t kLargestKrl = 16 * 1024 * 1024;
// Of all that is in it, a range counting as one.
inline constexpr std::size_t kMostRevoked = 100'000;

// All of it, or an error on one line: what is not understood could revoke something. A signature, which nobody would
// verify here, is an error too.
[[nodiscard]] Result<Krl> parse_krl(Bytes bytes);

}  // namespace bastion::transport
