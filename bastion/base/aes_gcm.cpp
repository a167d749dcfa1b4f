#include "bastion/base/aes_gcm.h"

#include <openssl/evp.h>

#include <memory>

namespace bastion::aes_gcm {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context context() { return {EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free}; }

int size_of(Bytes bytes) { return static_cast<int>(bytes.size()); }

}  // namespace

std::optional<ByteVector> encrypt(const Key& key, const Nonce& nonce, Bytes text, const std::vector<Bytes>& about) {
  const auto cipher = context();
  auto* const at = cipher.get();
  ByteVector made(text.size() + kTagSize);
  auto* const tag = made.data() + text.size();
  int size = 0;
  bool done = at != nullptr && EVP_EncryptInit_ex2(at, EVP_aes_256_gcm(), key.data(), nonce.data(), nullptr) == 1;
  for (const auto part : about) done = done && EVP_EncryptUpdate(at, nullptr, &size, part.data(), size_of(part)) == 1;
  done = done && EVP_EncryptUpdate(at, made.data(), &size, text.data(), size_of(text)) == 1 &&
         EVP_EncryptFinal_ex(at, tag, &size) == 1 && EVP_CIPHER_CTX_ctrl(at, EVP_CTRL_GCM_GET_TAG, kTagSize, tag) == 1;
  return done ? std::optional(std::move(made)) : std::nullopt;
}

std::optional<ByteVector> decrypt(const Key& key, const Nonce& nonce, Bytes encrypted,
                                  const std::vector<Bytes>& about) {
  if (encrypted.size() < kTagSize) return std::nullopt;
  const auto hidden = encrypted.first(encrypted.size() - kTagSize);
  auto* const tag = const_cast<std::uint8_t*>(encrypted.last(kTagSize).data());
  const auto cipher = context();
  auto* const at = cipher.get();
  ByteVector text(hidden.size());
  int size = 0;
  bool done = at != nullptr && EVP_DecryptInit_ex2(at, EVP_aes_256_gcm(), key.data(), nonce.data(), nullptr) == 1;
  for (const auto part : about) done = done && EVP_DecryptUpdate(at, nullptr, &size, part.data(), size_of(part)) == 1;
  done = done && EVP_DecryptUpdate(at, text.data(), &size, hidden.data(), size_of(hidden)) == 1 &&
         EVP_CIPHER_CTX_ctrl(at, EVP_CTRL_GCM_SET_TAG, kTagSize, tag) == 1 &&
         EVP_DecryptFinal_ex(at, text.data() + text.size(), &size) == 1;
  return done ? std::optional(std::move(text)) : std::nullopt;
}

}  // namespace bastion::aes_gcm
