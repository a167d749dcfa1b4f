// What somebody has shown beside a key, for the log and the audit.
#pragma once

#include <fmt/format.h>

#include <string>
#include <variant>

#include "bastion/access/identity.h"
#include "bastion/base/log_value.h"
#include "bastion/transport/user_certificate.h"

namespace bastion::session {

// ` ca=NAME serial=N certificate=KEY-ID` for each certificate, ` code=totp`, ` password=yes` and
// ` sign-on=UNIX-SECONDS`, without the first space; empty: nothing. A key id is whatever the CA has put there.
[[nodiscard]] inline std::string certificate_text(const access::Identity& who) {
  const bool by_password =
      std::holds_alternative<access::PasswordCredential>(who.credential);  // it stands there already
  std::string text;
  for (const auto& credential : access::shown_by(who)) {
    if (std::holds_alternative<access::CodeCredential>(credential)) {
      text += text.empty() ? "code=totp" : " code=totp";
    }
    if (!by_password && std::holds_alternative<access::PasswordCredential>(credential)) {
      text += text.empty() ? "password=yes" : " password=yes";
    }
    if (const auto* const sign_on = std::get_if<access::SignOnCredential>(&credential)) {
      text += fmt::format("{}sign-on={}", text.empty() ? "" : " ", sign_on->signed_at);
    }
    const auto* const shown = std::get_if<access::CertificateCredential>(&credential);
    if (shown == nullptr) continue;
    text += fmt::format("{}ca={} serial={} certificate={}", text.empty() ? "" : " ", shown->ca,
                        shown->certificate->serial, log_value(shown->certificate->key_id));
  }
  return text;
}

}  // namespace bastion::session
