// One-time codes (RFC 6238: SHA-1, 30 seconds, 6 digits, which is what every phone knows), and the recovery codes that
// stand in for them. Pure but for randomness.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"

namespace bastion::auth {

// What somebody has typed at the prompt. Spaces and dashes in it count for nothing.
struct TypedCode {
  enum class Kind : std::uint8_t { one_time, recovery };
  Kind kind = Kind::one_time;
  std::string text;
};
// Nothing: it can be neither.
[[nodiscard]] std::optional<TypedCode> typed_code(std::string_view text);

// The step of time whose code this is, at `now` in Unix seconds: that one, the one before it, or the one after it, as
// clocks differ; and behind `used`, the last step of which a code was used. Nothing: it is wrong, or was used.
[[nodiscard]] std::optional<std::int64_t> step_of(Bytes secret, std::string_view code, std::int64_t now,
                                                  std::int64_t used);

// 160 bits, as RFC 4226 section 4 wants.
[[nodiscard]] Result<ByteVector> new_secret();
// RFC 4648 base32, without padding.
[[nodiscard]] std::string base32(Bytes bytes);
// What a phone reads: otpauth://totp/ISSUER:USER?secret=…&issuer=ISSUER.
[[nodiscard]] std::string uri_of(Bytes secret, std::string_view issuer, std::string_view user);

// 80 bits each: `abcd-efgh-ijkl-mnop`.
[[nodiscard]] Result<std::vector<std::string>> new_recovery_codes();
// As it is kept, of TypedCode::text or of a new one: SHA-256, which is enough for what nobody can guess.
[[nodiscard]] ByteVector hash_of_recovery_code(std::string_view code);

}  // namespace bastion::auth
