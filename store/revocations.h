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
    key,     // by fingerprint: alone, and in any certificate
    serial,  // certificates of one CA: by number,
    key_id,  // or by what they are called
  };
  Kind kind = Kind::key;
  ByteVector ca{};  // the key of that CA; empty of a key
  std::string value{};
  std::int64_t added_at = 0;
  std::string ca_name{};  // where it is trusted; only read
};

[[nodiscard]] std::string_view text_of(Revocation::Kind kind);

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
  [[nodiscard]] Result<bool> is_revoked(std::string_view fingerprint);
  // Whether a certificate is, in any of the ways: also by the key of its CA.
  [[nodiscard]] Result<bool> is_revoked(Bytes ca, std::uint64_t serial, std::string_view key_id,
                                        std::string_view fingerprint, std::string_view ca_fingerprint);

 private:
  Statement all_;
  Statement add_;
  Statement lift_;
  Statement key_;
  Statement any_;
};

}  // namespace bastion::store
