// Fingerprints of keys, as ssh-keygen -l prints them. Of what stands there: a certificate is not looked into.
#pragma once

#include <string>
#include <string_view>

#include "bastion/base/bytes.h"

namespace bastion {

// `NAME:` and a digest in base64 without its padding.
[[nodiscard]] std::string fingerprint_text(std::string_view name, Bytes digest);
[[nodiscard]] std::string sha256_fingerprint(Bytes key);
// For what others have written down with it; nothing is known by it alone.
[[nodiscard]] std::string sha1_fingerprint(Bytes key);

}  // namespace bastion
