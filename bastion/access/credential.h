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

// "publickey": a key that is enrolled, and a signature of it.
struct KeyCredential {
  std::int64_t key = 0;  // the store's row; never shown to people
  std::string fingerprint;
};

// The same method: a certificate of a CA that is trusted, and a signature of the key in it.
struct CertificateCredential {
  std::shared_ptr<const transport::UserCertificate> certificate;
  std::string ca;           // its name; the fingerprint of one that is trusted for this user alone
  std::string fingerprint;  // of the key
  std::int64_t key = 0;     // the store's row of a CA that is trusted for this user alone
};

// "keyboard-interactive": a one-time code, or a recovery code in its place.
struct CodeCredential {
  std::int64_t enrolment = 0;  // the store's row
  std::string name = "totp";
};

// "password", or "keyboard-interactive" in its place.
struct PasswordCredential {
  std::int64_t password = 0;  // the store's row
  std::string name = "password";
};

// The same method: a sign-on at the issuer, or one that is remembered for a key.
struct SignOnCredential {
  std::int64_t sign_on = 0;    // the store's row
  std::int64_t signed_at = 0;  // Unix seconds
  std::string name = "oidc";
};

using Credential =
    std::variant<KeyCredential, CertificateCredential, CodeCredential, PasswordCredential, SignOnCredential>;

// As records and messages name it: the fingerprint of a key, also of one with a certificate.
[[nodiscard]] inline const std::string& name_of(const Credential& credential) {
  return std::visit(Match{[](const CodeCredential& code) -> const std::string& { return code.name; },
                          [](const PasswordCredential& one) -> const std::string& { return one.name; },
                          [](const SignOnCredential& one) -> const std::string& { return one.name; },
                          [](const auto& one) -> const std::string& { return one.fingerprint; }},
                    credential);
}

// As what it counts.
[[nodiscard]] inline Factor factor_of(const Credential& credential) {
  return std::visit(Match{[](const KeyCredential&) { return Factor::publickey; },
                          [](const CertificateCredential&) { return Factor::certificate; },
                          [](const CodeCredential&) { return Factor::totp; },
                          [](const PasswordCredential&) { return Factor::password; },
                          [](const SignOnCredential&) { return Factor::oidc; }},
                    credential);
}

}  // namespace bastion::access
