#include "bastion/fleet/sealed_keys.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "bastion/base/aes_gcm.h"
#include "bastion/base/wire_format.h"

namespace bastion::fleet {
namespace {

constexpr std::string_view kPrefix = "join-";

// What is sealed: version, salt, what AES-256-GCM made of the files, its tag. Each sealing has a salt and so a key of
// its own, which is used once: the nonce is zero.
constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kPurpose = "bastion: the keys of a fleet, 1";
constexpr std::size_t kSaltSize = 32;
constexpr aes_gcm::Nonce kNonce{};

std::unexpected<Error> refused() { return fail("OpenSSL refuses to seal keys"); }

Result<aes_gcm::Key> derive(const JoinKey& key, Bytes salt) {
  const std::unique_ptr<EVP_KDF, decltype(&EVP_KDF_free)> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr), EVP_KDF_free);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr,
                                                                          EVP_KDF_CTX_free);
  if (!context) return refused();
  const auto octets = [](const char* name, Bytes bytes) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
  };
  std::string digest = "SHA256";
  const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
                              octets(OSSL_KDF_PARAM_KEY, key.bytes()), octets(OSSL_KDF_PARAM_SALT, salt),
                              octets(OSSL_KDF_PARAM_INFO, bytes_of(kPurpose)), OSSL_PARAM_construct_end()};
  aes_gcm::Key derived{};
  if (EVP_KDF_derive(context.get(), derived.data(), derived.size(), parameters.data()) != 1) return refused();
  return derived;
}

// The files as one text: name and content, each as a string (RFC 4251 section 5).
Result<std::vector<KeyFile>> files_in(Bytes text) {
  std::vector<KeyFile> files;
  WireReader reader(text);
  while (reader.ok() && !reader.at_end()) {
    const std::string name(reader.text());
    files.push_back({.name = name, .text = std::string(reader.text())});
  }
  if (!reader.ok()) return fail("what is sealed are no keys");
  return files;
}

}  // namespace

Result<JoinKey> JoinKey::make() {
  JoinKey key;
  if (RAND_priv_bytes(key.bytes_.data(), static_cast<int>(key.bytes_.size())) != 1) return refused();
  return key;
}

Result<JoinKey> JoinKey::parse(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  JoinKey key;
  bool good = text.starts_with(kPrefix) && text.size() == kPrefix.size() + 2 * key.bytes_.size();
  if (good) text.remove_prefix(kPrefix.size());
  for (std::size_t at = 0; good && at < key.bytes_.size(); ++at) {
    const auto* const digits = text.data() + 2 * at;
    const auto [end, error] = std::from_chars(digits, digits + 2, key.bytes_.at(at), 16);
    good = error == std::errc{} && end == digits + 2;
  }
  if (!good) return fail("this is no join key: it is the last line that the first `bastion join` has printed");
  return key;
}

std::string JoinKey::text() const { return fmt::format("{}{:02x}", kPrefix, fmt::join(bytes_, "")); }

Result<ByteVector> seal(const std::vector<KeyFile>& files, const JoinKey& key) {
  WireWriter text;
  for (const auto& file : files) text.string(file.name).string(file.text);
  std::array<std::uint8_t, kSaltSize> salt{};
  if (RAND_bytes(salt.data(), static_cast<int>(salt.size())) != 1) return refused();
  const auto derived = derive(key, salt);
  if (!derived) return std::unexpected(derived.error());
  const auto hidden = aes_gcm::encrypt(*derived, kNonce, text.view());
  if (!hidden) return refused();
  WireWriter sealed;
  sealed.u8(kVersion).raw(salt).raw(*hidden);
  return sealed.take();
}

Result<std::vector<KeyFile>> unseal(Bytes sealed, const JoinKey& key) {
  if (sealed.size() < 1 + kSaltSize + aes_gcm::kTagSize || sealed.front() != kVersion) {
    return fail("the keys in the fleet's database were sealed by another version of this program");
  }
  const auto salt = sealed.subspan(1, kSaltSize);
  const auto derived = derive(key, salt);
  if (!derived) return std::unexpected(derived.error());
  const auto text = aes_gcm::decrypt(*derived, kNonce, sealed.subspan(1 + kSaltSize));
  if (!text) return fail("this is not the join key of the fleet, or not its newest one");
  return files_in(*text);
}

}  // namespace bastion::fleet
