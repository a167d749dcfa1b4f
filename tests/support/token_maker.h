// Keys of an issuer and tokens that they sign (cjose; Ed25519 by OpenSSL), for tests.
#pragma once

#include <cjose/cjose.h>
#include <openssl/evp.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"

namespace bastion::test {

inline std::string base64url(Bytes bytes) {
  cjose_err error{};
  char* text = nullptr;
  std::size_t size = 0;
  if (!cjose_base64url_encode(bytes.data(), bytes.size(), &text, &size, &error)) throw std::runtime_error("base64url");
  std::string made(text, size);
  std::free(text);
  return made;
}

// One key, and what it signs.
class TokenKey {
 public:
  enum class Kind : std::uint8_t { rsa, small_rsa, p256, p521, ed25519 };

  explicit TokenKey(Kind kind) {
    cjose_err error{};
    if (kind == Kind::ed25519) {
      edwards_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    } else if (kind == Kind::p256 || kind == Kind::p521) {
      jwk_ = cjose_jwk_create_EC_random(kind == Kind::p256 ? CJOSE_JWK_EC_P_256 : CJOSE_JWK_EC_P_521, &error);
    } else {
      constexpr std::array<std::uint8_t, 3> kExponent{1, 0, 1};
      jwk_ = cjose_jwk_create_RSA_random(kind == Kind::rsa ? 2048 : 1024, kExponent.data(), kExponent.size(), &error);
    }
    if (jwk_ == nullptr && edwards_ == nullptr) throw std::runtime_error("no key");
  }
  ~TokenKey() {
    cjose_jwk_release(jwk_);
    EVP_PKEY_free(edwards_);
  }
  TokenKey(const TokenKey&) = delete;
  TokenKey& operator=(const TokenKey&) = delete;

  // As a member of a set: `more` stands before the rest, and ends with a comma.
  [[nodiscard]] std::string as_jwk(const std::string& more = {}) const {
    if (edwards_ != nullptr) {
      std::array<std::uint8_t, 32> point{};
      std::size_t size = point.size();
      EVP_PKEY_get_raw_public_key(edwards_, point.data(), &size);
      return "{" + more + R"("kty":"OKP","crv":"Ed25519","x":")" + base64url(point) + "\"}";
    }
    cjose_err error{};
    char* const text = cjose_jwk_to_json(jwk_, false, &error);
    if (text == nullptr) throw std::runtime_error("no text of a key");
    std::string json(text);
    std::free(text);
    return "{" + more + json.substr(1);
  }

  [[nodiscard]] std::string sign(const std::string& header, const std::string& payload) const {
    const auto is_signed = base64url(bytes_of(header)) + "." + base64url(bytes_of(payload));
    if (edwards_ == nullptr) return sign_by_cjose(header, payload);
    std::array<std::uint8_t, 64> signature{};
    std::size_t size = signature.size();
    auto* const context = EVP_MD_CTX_new();
    const auto bytes = bytes_of(is_signed);
    const bool done = EVP_DigestSignInit(context, nullptr, nullptr, nullptr, edwards_) == 1 &&
                      EVP_DigestSign(context, signature.data(), &size, bytes.data(), bytes.size()) == 1;
    EVP_MD_CTX_free(context);
    if (!done) throw std::runtime_error("not signed");
    return is_signed + "." + base64url(signature);
  }

 private:
  [[nodiscard]] std::string sign_by_cjose(const std::string& header, const std::string& payload) const {
    cjose_err error{};
    auto* const head = cjose_header_new(&error);
    const auto member = [&](const char* name) {
      const auto at = header.find("\"" + std::string(name) + "\":\"");
      if (at == std::string::npos) return;
      const auto begin = at + std::string_view(name).size() + 4;
      cjose_header_set(head, name, header.substr(begin, header.find('"', begin) - begin).c_str(), &error);
    };
    for (const auto* const name : {"alg", "kid", "crit"}) member(name);
    auto* const jws =
        cjose_jws_sign(jwk_, head, reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(), &error);
    const char* token = nullptr;
    if (jws == nullptr || !cjose_jws_export(jws, &token, &error)) throw std::runtime_error("not signed");
    std::string made(token);
    cjose_jws_release(jws);
    cjose_header_release(head);
    return made;
  }

  cjose_jwk_t* jwk_ = nullptr;
  EVP_PKEY* edwards_ = nullptr;
};

inline std::string key_set(const std::vector<std::string>& keys) {
  std::string all;
  for (const auto& key : keys) all += (all.empty() ? "" : ",") + key;
  return "{\"keys\":[" + all + "]}";
}

}  // namespace bastion::test
