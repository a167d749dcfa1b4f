#include "bastion/oidc/signature.h"

#include <cjose/cjose.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/oidc/json.h"

namespace bastion::oidc {
namespace {

constexpr std::size_t kMostKeys = 64;
constexpr std::size_t kLeastRsaBits = 2048;

struct Algorithm {
  std::string_view name;
  std::string_view key_type;
  std::string_view curve;  // empty: of no curve
};
constexpr std::array<Algorithm, 10> kAlgorithms{{{"RS256", "RSA", ""},
                                                 {"RS384", "RSA", ""},
                                                 {"RS512", "RSA", ""},
                                                 {"PS256", "RSA", ""},
                                                 {"PS384", "RSA", ""},
                                                 {"PS512", "RSA", ""},
                                                 {"ES256", "EC", "P-256"},
                                                 {"ES384", "EC", "P-384"},
                                                 {"ES512", "EC", "P-521"},
                                                 {"EdDSA", "OKP", "Ed25519"}}};

template <typename T, void (*release)(T*)>
struct Release {
  void operator()(T* one) const { release(one); }
};
using Jws = std::unique_ptr<cjose_jws_t, Release<cjose_jws_t, cjose_jws_release>>;
struct ReleaseKey {
  void operator()(cjose_jwk_t* key) const { cjose_jwk_release(key); }
};
using Jwk = std::unique_ptr<cjose_jwk_t, ReleaseKey>;
struct Free {
  void operator()(void* memory) const { std::free(memory); }
};
using PublicKeyHandle = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX, EVP_MD_CTX_free>>;

// Base64url without padding (RFC 7515 section 2). cjose ends the process where padding follows
// a single letter.
bool is_base64url(std::string_view text) {
  return text.size() % 4 != 1 && std::ranges::all_of(text, [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

// Nothing where it is something else.
std::optional<ByteVector> decoded(std::string_view text) {
  if (text.empty() || !is_base64url(text)) return std::nullopt;
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  cjose_err error{};
  if (!cjose_base64url_decode(text.data(), text.size(), &bytes, &size, &error)) return std::nullopt;
  const std::unique_ptr<std::uint8_t, Free> owned(bytes);
  return ByteVector(bytes, bytes + size);
}

// The three parts of a compact token.
struct Parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view is_signed;  // the first two, with the dot
};

std::optional<Parts> parts_of(std::string_view token) {
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return Parts{.header = token.substr(0, first),
               .payload = token.substr(first + 1, second - first - 1),
               .signature = token.substr(second + 1),
               .is_signed = token.substr(0, second)};
}

Result<Json> header_of(const Parts& parts) {
  const auto bytes = decoded(parts.header);
  if (!bytes) return fail("the header of its token is not base64url");
  return parse_object({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, "the header of its token");
}

// Where the key says of itself what it is for, that has to be this.
bool may_have_signed(const Json& key, const Algorithm& algorithm, const std::optional<std::string>& id) {
  if (!key.is_object() || text_in(key, "kty") != algorithm.key_type) return false;
  if (!algorithm.curve.empty() && text_in(key, "crv") != algorithm.curve) return false;
  if (key.contains("use") && text_in(key, "use") != "sig") return false;
  if (key.contains("alg") && text_in(key, "alg") != algorithm.name) return false;
  return !id || text_in(key, "kid") == id;
}

bool is_signed_by_ed25519(const Parts& parts, const Json& key) {
  const auto point = decoded(text_in(key, "x").value_or(std::string()));
  const auto signature = decoded(parts.signature);
  if (!point || !signature) return false;
  const PublicKeyHandle handle(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, point->data(), point->size()));
  const DigestContext context(EVP_MD_CTX_new());
  if (!handle || !context) return false;
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, handle.get()) != 1) return false;
  const auto bytes = bytes_of(parts.is_signed);
  return EVP_DigestVerify(context.get(), signature->data(), signature->size(), bytes.data(), bytes.size()) == 1;
}

// What a signature is verified with, and nothing else that may stand in the key.
std::optional<std::string> public_part(const Json& key, const Algorithm& algorithm) {
  auto part = Json{{"kty", algorithm.key_type}};
  if (!algorithm.curve.empty()) part["crv"] = algorithm.curve;
  for (const auto* const name : algorithm.curve.empty() ? std::array{"n", "e"} : std::array{"x", "y"}) {
    auto number = text_in(key, name);
    if (!number || !is_base64url(*number)) return std::nullopt;
    part[name] = *std::move(number);
  }
  return part.dump();
}

bool is_signed_by(std::string_view token, const Algorithm& algorithm, const Json& key) {
  const auto text = public_part(key, algorithm);
  if (!text) return false;
  cjose_err error{};
  const Jwk jwk(cjose_jwk_import(text->data(), text->size(), &error));
  if (!jwk) return false;
  if (algorithm.key_type == "RSA" && cjose_jwk_get_keysize(jwk.get(), &error) < kLeastRsaBits) return false;
  const Jws jws(cjose_jws_import(token.data(), token.size(), &error));
  return jws && cjose_jws_verify(jws.get(), jwk.get(), &error);
}

}  // namespace

Result<std::string> verified_payload(std::string_view token, std::string_view key_set) {
  const auto parts = parts_of(token);
  if (!parts) return fail("its token is none: it has not three parts");
  if (!is_base64url(parts->payload) || !is_base64url(parts->signature)) return fail("its token is not base64url");
  const auto header = header_of(*parts);
  if (!header) return std::unexpected(header.error());
  const auto name = text_in(*header, "alg").value_or(std::string());
  const auto* const algorithm = std::ranges::find(kAlgorithms, name, &Algorithm::name);
  if (algorithm == kAlgorithms.end()) return fail("its token is not signed by an algorithm that is accepted");
  if (header->contains("crit")) return fail("its token wants something that is not understood here (crit)");
  const auto keys = parse_object(key_set, "its set of keys");
  if (!keys) return std::unexpected(keys.error());
  const auto list = keys->find("keys");
  if (list == keys->end() || !list->is_array() || list->size() > kMostKeys) return fail("its set of keys is none");
  const auto id = text_in(*header, "kid");
  const bool is_right = std::ranges::any_of(*list, [&](const Json& key) {
    if (!may_have_signed(key, *algorithm, id)) return false;
    return algorithm->key_type == "OKP" ? is_signed_by_ed25519(*parts, key) : is_signed_by(token, *algorithm, key);
  });
  if (!is_right) return fail("its token is not signed by a key of its set");
  const auto payload = decoded(parts->payload);
  if (!payload) return fail("its token says nothing");
  return std::string(payload->begin(), payload->end());
}

}  // namespace bastion::oidc
