#include "bastion/base/random.h"

#include <openssl/rand.h>

namespace bastion {

Result<ByteVector> random_bytes(std::size_t count) {
  ByteVector bytes(count);
  if (RAND_priv_bytes(bytes.data(), static_cast<int>(count)) != 1) return fail("OpenSSL has no random bytes");
  return bytes;
}

}  // namespace bastion
