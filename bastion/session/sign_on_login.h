// One request of somebody who signs on at the issuer of the organisation, by keyboard-interactive: they are shown
// where, and what the issuer says of them afterwards is noted.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string_view>

#include "bastion/access/credential.h"
#include "bastion/access/identity.h"
#include "bastion/access/target.h"
#include "bastion/auth/attempt.h"
#include "bastion/base/reason.h"
#include "bastion/base/task.h"
#include "bastion/oidc/sign_on.h"
#include "bastion/session/path.h"
#include "bastion/session/sign_ons.h"

namespace bastion::access {
class Lookup;
}

namespace bastion::session {

class SignOnLogin {
 public:
  // Whoever signs on has so long for it, if the issuer does not want less.
  static constexpr std::chrono::seconds kMost{600};

  // All of it outlives this.
  struct Place {
    loop::Loop& loop;
    access::Lookup& lookup;
    SignOns* sign_ons;  // nullptr: nobody signs on here
    const Arrival& arrival;
    std::string_view client_version;
    // They have so long for it from now on.
    std::function<void(std::chrono::seconds)> on_shown;
  };
  struct Outcome {
    // Whom it lets in, with what was shown before. Nothing: it is to be denied; they have been told why, where they can
    // do something about it.
    std::optional<access::Identity> identity = std::nullopt;
    std::optional<End> undecided = std::nullopt;  // nobody could say whether it was right
    bool is_abandoned = false;                    // by its client
    std::chrono::microseconds answered_at{0};     // by Loop::instant(): what was asked last
  };

  // Somebody whose account needs a sign-on next. `target`, `so_far` and `attempt` outlive this.
  SignOnLogin(Place place, const access::Target& target, const std::optional<access::Identity>& so_far,
              auth::Attempt& attempt);

  // Once.
  [[nodiscard]] Task<Outcome> run();

 private:
  // Who has signed on; nothing where nobody has.
  [[nodiscard]] Task<std::optional<oidc::SignedOn>> whoever_signs_on();
  // The account is theirs, or is made for them.
  [[nodiscard]] Task<std::optional<access::SignOnCredential>> noted(const oidc::SignedOn& person);
  void settle(const access::SignOnCredential& sign_on);
  void fail_because(std::string_view why);

  Place place_;
  const access::Target& target_;
  const std::optional<access::Identity>& so_far_;
  auth::Attempt& attempt_;
  Outcome outcome_;
};

}  // namespace bastion::session
