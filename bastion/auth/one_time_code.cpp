#include "bastion/auth/one_time_code.h"

#include <fmt/format.h>
#include <liboath/oath.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "bastion/base/random.h"
#include "bastion/base/sha256.h"

namespace bastion::auth {
namespace {

constexpr std::int64_t kStep = 30;
constexpr std::size_t kDigits = 6;
constexpr std::int64_t kDrift = 1;  // steps, each way
constexpr std::size_t kSecretSize = 20;
constexpr std::size_t kRecoverySize = 10;
constexpr std::size_t kRecoveryLetters = 16;
constexpr int kRecoveryCodes = 10;
constexpr std::size_t kLongestTyped = 64;
constexpr std::string_view kBase32 = "abcdefghijklmnopqrstuvwxyz234567";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string code_of(Bytes secret, std::int64_t step) {
  static const bool is_ready = oath_init() == OATH_OK;
  std::array<char, kDigits + 1> code{};
  const auto* const key = reinterpret_cast<const char*>(secret.data());
  const bool done = is_ready && oath_hotp_generate(key, secret.size(), static_cast<std::uint64_t>(step), kDigits, false,
                                                   OATH_HOTP_DYNAMIC_TRUNCATION, code.data()) == OATH_OK;
  return done ? std::string(code.data()) : std::string();
}

// Without a hint of how much of it is right.
bool is_equal(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned difference = 0;
  for (std::size_t at = 0; at < one.size(); ++at) {
    difference |= static_cast<unsigned char>(one[at]) ^ static_cast<unsigned char>(other[at]);
  }
  return difference == 0;
}

std::string letters_of(Bytes bytes) {
  std::string text;
  unsigned value = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    value = (value << 8U) | byte;
    for (bits += 8; bits >= 5; bits -= 5) text += kBase32[(value >> static_cast<unsigned>(bits - 5)) & 31U];
    value &= 0xffU;
  }
  if (bits > 0) text += kBase32[(value << static_cast<unsigned>(5 - bits)) & 31U];
  return text;
}

// RFC 3986: what is not unreserved.
std::string in_uri(std::string_view text) {
  constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string escaped;
  for (const char c : text) {
    escaped += kUnreserved.find(c) != std::string_view::npos
                   ? std::string(1, c)
                   : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return escaped;
}

}  // namespace

std::optional<TypedCode> typed_code(std::string_view text) {
  if (text.size() > kLongestTyped) return std::nullopt;
  std::string letters;
  for (const char c : text) {
    if (c == ' ' || c == '-' || c == '\t' || c == '\r' || c == '\n') continue;
    letters += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (letters.size() == kDigits && std::ranges::all_of(letters, is_digit)) {
    return TypedCode{TypedCode::Kind::one_time, std::move(letters)};
  }
  const auto is_of_base32 = [](char c) { return kBase32.find(c) != std::string_view::npos; };
  if (letters.size() == kRecoveryLetters && std::ranges::all_of(letters, is_of_base32)) {
    return TypedCode{TypedCode::Kind::recovery, std::move(letters)};
  }
  return std::nullopt;
}

// All of them are computed, whichever it is.
std::optional<std::int64_t> step_of(Bytes secret, std::string_view code, std::int64_t now, std::int64_t used) {
  if (code.size() != kDigits) return std::nullopt;
  std::optional<std::int64_t> found;
  for (auto step = now / kStep + kDrift; step >= now / kStep - kDrift; --step) {
    const bool is_it = is_equal(code_of(secret, step), code);
    if (is_it && step > used && step > 0) found = step;
  }
  return found;
}

Result<ByteVector> new_secret() { return random_bytes(kSecretSize); }

std::string base32(Bytes bytes) {
  auto text = letters_of(bytes);
  std::ranges::transform(text, text.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

std::string uri_of(Bytes secret, std::string_view issuer, std::string_view user) {
  return fmt::format("otpauth://totp/{}:{}?secret={}&issuer={}", in_uri(issuer), in_uri(user), base32(secret),
                     in_uri(issuer));
}

Result<std::vector<std::string>> new_recovery_codes() {
  std::vector<std::string> codes;
  for (int i = 0; i < kRecoveryCodes; ++i) {
    const auto bytes = random_bytes(kRecoverySize);
    if (!bytes) return std::unexpected(bytes.error());
    auto letters = letters_of(*bytes);
    for (const std::size_t at : {std::size_t{12}, std::size_t{8}, std::size_t{4}}) letters.insert(at, "-");
    codes.push_back(std::move(letters));
  }
  return codes;
}

ByteVector hash_of_recovery_code(std::string_view code) {
  const auto typed = typed_code(code);
  const auto hash = sha256({bytes_of(typed ? typed->text : code)});
  return {hash.begin(), hash.end()};
}

}  // namespace bastion::auth
