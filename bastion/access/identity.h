// authenticate: who it is, proven by one signature or several or by what was typed, and what they may do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/credential.h"
#include "bastion/access/lifetime.h"
#include "bastion/access/policy.h"
#include "bastion/base/requirement.h"
#include "store/users.h"

namespace bastion::access {

struct Identity {
  std::int64_t user = 0;  // the store's row; never shown to people
  std::string name;
  Credential credential{};           // what has shown it: the last of several keys, or the password where there is none
  std::vector<Credential> before{};  // the others, in their order, and what was typed
  Requirement needs{};               // what the account needs
  store::Role role = store::Role::user;
  Policy policy{};  // what she may do, with all these credentials
  Lifetime::Limits limits{};
  store::Caps caps{};                      // where they are not what the configuration says
  std::optional<std::int64_t> until{};     // when that expires, if it does: Unix seconds
  std::optional<std::int64_t> dials_in{};  // no user, but the machine of this backend: it may make a link
};

// All that she has shown, in its order.
[[nodiscard]] std::vector<Credential> shown_by(const Identity& who);
[[nodiscard]] std::vector<Factor> proven_by(const Identity& who);

// Whether that is enough.
[[nodiscard]] bool suffices(const Identity& who);
// Whether `now`, which is admitted by itself, brings her further beside what she has shown before. The same key does
// not a second time, however it is shown.
[[nodiscard]] bool brings_further(const std::optional<Identity>& before, const Identity& now);
// The same user with one credential more: whatever is said of any of them holds. Beside a key a password is one of the
// others.
[[nodiscard]] Identity together(const Identity& before, Identity now);
// And with a code, of which nothing is said.
[[nodiscard]] Identity together(Identity before, CodeCredential code);
// And with a sign-on, which is good `until` then, if it is for a time.
[[nodiscard]] Identity together(Identity before, SignOnCredential sign_on, std::optional<std::int64_t> until);
// Whether a code, or a password, is what brings somebody further who has shown this.
[[nodiscard]] bool needs_code(const std::optional<Identity>& so_far);
[[nodiscard]] bool needs_password(const std::optional<Identity>& so_far);
// The same of a sign-on.
[[nodiscard]] bool needs_sign_on(const Identity& so_far);
// The fingerprints of all keys that they have shown, also of those in certificates.
[[nodiscard]] std::vector<std::string> keys_shown_by(const Identity& who);

}  // namespace bastion::access
