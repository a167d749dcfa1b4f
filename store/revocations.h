// Keys and certificates that let nobody in any more, whoever is said to own them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/base/bytes.h"
#include "bastion/base/result.h"
#include "store/statement.h"

namespace bastion::store {

struct Revocation {
  enum class Kind : std::uint8_t {
    key,     // by fingerprint (SHA256:…, or SHA1:…): alone, and in any certificate
    serial,  // certificates of a CA: by number, or by numbers,
    key_id,  // or by what they are called
  };
  Kind kind = Kind::key;
  ByteVector ca{};      // the key of that CA; empty: of every CA, and of a key
  std::string value{};  // of a serial, what serials() says
  std::int64_t added_at = 0;
  std::string ca_name{};  // where it is trusted; only read
};

[[nodiscard]] std::string_view text_of(Revocation::Kind kind);

// From this number to that one, as they are kept; and as people write them: `7`, or `10-20`.
[[nodiscard]] std::string serials(std::uint64_t first, std::uint64_t last);
[[nodiscard]] std::string shown_value(const Revocation& revocation);
[[nodiscard]] Result<std::string> parse_serials(std::string_view text);

class Revocations {
 public:
  explicit Revocations(Database& database);

  // The oldest first.
  [[nodiscard]] Result<std::vector<Revocation>> all();
  // False when it was revoked already.
  [[nodiscard]] Result<bool> add(const Revocation& revocation);
  // False when it was not.
  [[nodiscard]] Result<bool> lift(const Revocation& revocation);

  // Whether a key is.
  [[nodiscard]] Result<bool> is_revoked(Bytes key);
  // Whether a certificate is, in any of the ways: also by the key of its CA.
  struct Certificate {
    Bytes ca;
    Bytes key;
    std::uint64_t serial = 0;
    std::string_view key_id;
  };
  [[nodiscard]] Result<bool> is_revoked(const Certificate& certificate);

 private:
  Statement all_;
  Statement add_;
  Statement lift_;
  Statement key_;
  Statement any_;
  Statement in_range_;
};

}  // namespace bastion::store
