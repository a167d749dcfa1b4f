// The one rule: whether somebody may be here, now, from there, with what they came with. Asked when they log in, again
// while they are there (readmission.h), by explain, and before anything is done for them at the administrators'
// endpoint.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/access/identity.h"
#include "bastion/base/reason.h"
#include "bastion/base/record_policy.h"
#include "bastion/transport/user_certificate.h"
#include "store/cas.h"
#include "store/keys.h"
#include "store/passwords.h"
#include "store/sign_ons.h"
#include "store/users.h"

namespace bastion::access {

// The earlier of two times; nothing is never.
[[nodiscard]] inline std::optional<std::int64_t> earlier(std::optional<std::int64_t> one,
                                                         std::optional<std::int64_t> other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

// Where and when somebody is there.
struct Circumstances {
  std::optional<std::string> from_host;  // numeric; nothing: from wherever they may
  std::int64_t now = 0;                  // Unix seconds
};

// What a sign-on at the issuer counts for.
struct SignOnRules {
  std::string issuer{};                // empty: none
  std::chrono::seconds remembered{0};  // for the keys that it was together with
  std::chrono::seconds session{0};     // how long a session may last that it has begun; 0: as any other

  bool operator==(const SignOnRules&) const = default;
};

// What counts for users of whom nothing else is said.
struct Defaults {
  Lifetime::Limits limits{};
  Requirement needs = parse_requirement(kDefaultRequirement).value_or(Requirement{});
  std::map<store::Role, Requirement> needs_of_roles = {};  // of those of which it is something else

  bool fold_names = false;  // names of users are compared without case
  SignOnRules sign_ons{};
  RecordPolicy record = RecordPolicy::none;        // of their sessions, where nobody says something else
  RecordPolicy record_least = RecordPolicy::none;  // whatever anybody says

  [[nodiscard]] const Requirement& needs_of(store::Role role) const {
    const auto found = needs_of_roles.find(role);
    return found == needs_of_roles.end() ? needs : found->second;
  }

  bool operator==(const Defaults&) const = default;
};

// Pure. What they may do, or why they may not be here: the reason for the user, the detail for an administrator.
// Whether this one credential is enough for the account is another question: suffices() (identity.h).
[[nodiscard]] std::expected<Identity, End> admission(const store::EnrolledKey& enrolled, const Circumstances& there,
                                                     const Defaults& defaults);

// The same of a certificate, with all that the store knows about whom it may let in. Its CA may be trusted for
// everybody whom its principals name, for this user alone (`cert-authority` before a key), or in both ways: either is
// enough. That it has signed the certificate is not asked here: a signature costs more than all of this.
struct Certified {
  store::User user;
  std::optional<store::Ca> ca = std::nullopt;
  std::optional<store::EnrolledKey> own = std::nullopt;
  bool is_revoked = false;
};
[[nodiscard]] std::expected<Identity, End> admission(const Certified& certified,
                                                     const transport::UserCertificate& certificate,
                                                     const Circumstances& there, const Defaults& defaults);

// The same by a password, of which nothing is said but what is said of the user; `before` is what was shown before it.
// That it has to be changed first is not asked here.
[[nodiscard]] std::expected<Identity, End> admission(const store::User& user, const store::Password& password,
                                                     const std::optional<Identity>& before, const Circumstances& there,
                                                     const Defaults& defaults);
// The same by a sign-on, with nothing beside it.
[[nodiscard]] std::expected<Identity, End> admission(const store::User& user, const SignOnCredential& sign_on,
                                                     const Circumstances& there, const Defaults& defaults);
// Until when it may keep somebody there, if it is for a time.
[[nodiscard]] std::optional<std::int64_t> good_until(const SignOnCredential& sign_on, const Defaults& defaults);
// Whether it may stand for another one with the same key.
[[nodiscard]] bool is_remembered(const store::SignOn& sign_on, std::int64_t now, const Defaults& defaults);

// Of a key that is trusted as a CA for its user: a principal by which its certificates let them in. Nothing of any
// other key.
[[nodiscard]] std::optional<std::string> principal_of_ca(const store::EnrolledKey& enrolled);

}  // namespace bastion::access
