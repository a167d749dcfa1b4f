// What a user would prove at a login, tried without them: keys and certificates are looked at as if they were shown,
// and what is typed as if it was right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bastion/access/admission.h"
#include "bastion/base/requirement.h"
#include "bastion/base/result.h"
#include "bastion/probe/explanation.h"
#include "bastion/probe/trail.h"
#include "store/cas.h"
#include "store/keys.h"
#include "store/passwords.h"
#include "store/second_factors.h"
#include "store/sign_ons.h"
#include "store/users.h"

namespace bastion::probe {

// What the account asks for before anything is proved.
[[nodiscard]] std::vector<Factor> first_factors(const store::User& user, const access::Defaults& defaults);

// What brings somebody in who has all the keys that are asked about; or why that is not enough.
class Proofs {
 public:
  // All of it outlives this.
  Proofs(const store::User& user, const Explanation::Question& question, const access::Defaults& defaults, Trail& trail)
      : user_(user), question_(question), defaults_(defaults), trail_(trail) {}

  void take(const store::Key& key);
  // Where keys are not enough: any certificate that this CA could give them.
  void take(const store::Ca& ca, bool is_revoked);
  // What is to be typed: a password, where keys and certificates are there that come before it.
  void take(const std::optional<store::Password>& password);
  // Where keys and certificates are there, and a code is to be typed.
  void take(const std::optional<store::Enrolment>& codes, std::int64_t recovery_codes_left);
  // And what they would sign on for; the last one is there, unless it was forgotten.
  void take_sign_on(const std::vector<store::SignOn>& before);
  // What they would be asked for next.
  [[nodiscard]] std::vector<Factor> missing() const;
  [[nodiscard]] Result<access::Identity> outcome() &&;

 private:
  // Any certificate of a CA that is trusted for this user alone.
  void take(const store::Key& key, const store::EnrolledKey& enrolled, const std::string& principal);
  [[nodiscard]] bool is_enough() const { return who_ && access::suffices(*who_); }
  [[nodiscard]] bool wants_password() const;
  [[nodiscard]] std::string needs_of_user() const;
  [[nodiscard]] bool needs_sign_on_first() const;
  bool is_remembered(const std::vector<store::SignOn>& before);
  void note(const std::string& why) { why_ += (why_.empty() ? "" : "; ") + why; }

  const store::User& user_;
  const Explanation::Question& question_;
  const access::Defaults& defaults_;
  Trail& trail_;
  std::optional<access::Identity> who_;
  bool is_not_enrolled_ = false;
  std::string why_;
};

}  // namespace bastion::probe
