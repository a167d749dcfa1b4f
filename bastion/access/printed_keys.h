// Keys that a program has printed for a user (`authorized_keys_command`), which no row of the store has. Pure; the text
// may come from anywhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/public_key.h"

namespace bastion::access {

struct PrintedKey {
  PublicKey key;
  std::string fingerprint;
  std::string options;  // as in authorized_keys(5): policy.h

  bool operator==(const PrintedKey&) const = default;
};

// One of them, by which somebody was let in.
struct Printed {
  PrintedKey line;
  PublicKey shown;  // that key, or the certificate that it has signed as a CA
};

struct PrintedKeys {
  std::vector<PrintedKey> keys{};
  std::size_t left_out = 0;  // lines that cannot be used
  std::string why{};         // the first one of them

  // nullptr: it is not among them.
  [[nodiscard]] const PrintedKey* find(const PublicKey& key) const;
};

// Lines as in authorized_keys(5): empty ones and those that begin with # say nothing. A line whose options the bastion
// does not know, or cannot keep to, lets nobody in. Of more than kMost lines, the first ones.
[[nodiscard]] PrintedKeys parse_printed_keys(std::string_view text);
inline constexpr std::size_t kMostPrintedLines = 1000;

}  // namespace bastion::access
