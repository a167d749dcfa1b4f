// What somebody has shown to be who they say they are. One alternative for each method of bastion/auth/methods.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "bastion/base/match.h"
#include "bastion/base/requirement.h"

namespace bastion::transport {
struct UserCertificate;
}

namespace bastion::access {

struct Printed;  // printed_keys.h

// "publickey": a key that is enrolled, and a signature of it.
struct KeyCredential {
  std::int64_t key = 0;  // the store's row; never shown to people
  std::string fingerprint;
  std::shared_ptr<const Printed> printed = nullptr;  // by a program: no row has it
};

// The same method: a certificate of a CA that is trusted, and a signature of the key in it.
struct CertificateCredential {
  std::shared_ptr<const transport::UserCertificate> certificate;
  std::string ca;           // its name; the fingerprint of one that is trusted for this user alone
  std::string fingerprint;  // of the key
  std::int64_t key = 0;     // the store's row of a CA that is trusted for this user alone
  std::shared_ptr<const Printed> printed = nullptr;  // by a program, such a CA: no row has it
};

// "keyboard-interactive": a one-time code, or a recovery code in its place.
struct CodeCredential {
  std::int64_t enrolment = 0;  // the store's row
  std::string name = "totp";
};

using Credential = std::variant<KeyCredential, CertificateCredential, CodeCredential>;

// As records and messages name it: the fingerprint of a key, also of one with a certificate.
[[nodiscard]] inline const std::string& name_of(const Credential& credential) {
  return std::visit(Match{[](const CodeCredential& code) -> const std::string& { return code.name; },
                          [](const auto& one) -> const std::string& { return one.fingerprint; }},
                    credential);
}

// As what it counts.
[[nodiscard]] inline Factor factor_of(const Credential& credential) {
  return std::visit(Match{[](const KeyCredential&) { return Factor::publickey; },
                          [](const CertificateCredential&) { return Factor::certificate; },
                          [](const CodeCredential&) { return Factor::totp; }},
                    credential);
}

}  // namespace bastion::access
