#include "bastion/auth/password_hash.h"

#include <sodium.h>

#include <array>
#include <cerrno>

namespace bastion::auth {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemory = std::size_t{64} * 1024 * 1024;

bool is_ready() {
  static const bool ready = sodium_init() >= 0;
  return ready;
}

std::unexpected<Error> no_memory() { return fail("there is no memory (64 MiB) to look at a password"); }

}  // namespace

Result<std::string> hash_of_password(std::string_view password) {
  if (!is_ready()) return fail("libsodium does not start");
  std::array<char, crypto_pwhash_argon2id_STRBYTES> text{};
  if (crypto_pwhash_argon2id_str(text.data(), password.data(), password.size(), kPasses, kMemory) != 0) {
    return no_memory();
  }
  return std::string(text.data());
}

// libsodium says in errno which of the two it was: EINVAL where the password is wrong.
Result<bool> is_password(const std::string& hash, std::string_view password) {
  if (!is_ready()) return fail("libsodium does not start");
  if (!hash.starts_with(crypto_pwhash_argon2id_STRPREFIX) || hash.size() >= crypto_pwhash_argon2id_STRBYTES) {
    return false;
  }
  errno = 0;
  if (crypto_pwhash_argon2id_str_verify(hash.c_str(), password.data(), password.size()) == 0) return true;
  if (errno == ENOMEM) return no_memory();
  return false;
}

const std::string& nobodys_hash() {
  static const std::string hash = "$argon2id$v=19$m=65536,t=2,p=1$" + std::string(22, 'A') + "$" + std::string(43, 'A');
  return hash;
}

}  // namespace bastion::auth
