#include "bastion/base/fingerprint.h"

#include <openssl/evp.h>

#include <array>

#include "bastion/base/sha256.h"

namespace bastion {

std::string fingerprint_text(std::string_view name, Bytes digest) {
  std::string base64(4 * ((digest.size() + 2) / 3) + 1, '\0');  // it writes a zero behind
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(base64.data()), digest.data(), static_cast<int>(digest.size()));
  base64.erase(base64.find_last_not_of(std::string_view("=\0", 2)) + 1);
  return std::string(name) + ":" + base64;
}

std::string sha256_fingerprint(Bytes key) { return fingerprint_text("SHA256", sha256({key})); }

std::string sha1_fingerprint(Bytes key) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(key.data(), key.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return fingerprint_text("SHA1", Bytes(digest.data(), size));
}

}  // namespace bastion
