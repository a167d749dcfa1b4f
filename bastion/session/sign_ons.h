// Signing on at the issuer of the organisation, as whoever is about to log in does it (server/sign_on_desk.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/access/credential.h"
#include "bastion/base/result.h"
#include "bastion/base/task.h"
#include "bastion/oidc/sign_on.h"

namespace bastion::loop {
class Loop;
}

namespace bastion::session {

class SignOns {
 public:
  struct Asker {
    std::string account;  // that they want to be
    std::string from_host;
    bool has_shown_key = false;  // of that account
  };

  // One that has begun; destroyed, it is given up. May be destroyed by whoever waits for its events.
  class Begun {
   public:
    virtual ~Begun() = default;
    [[nodiscard]] virtual Event<Result<oidc::Shown>>& shown() = 0;
    // They say that they have done it. The issuer is asked before too.
    virtual void go_on() = 0;
    // An error is a sentence for them.
    [[nodiscard]] virtual Event<Result<oidc::SignedOn>>& outcome() = 0;
  };
  // The error is a sentence for them: nobody signs on here, or too many are about to.
  [[nodiscard]] virtual Result<std::unique_ptr<Begun>> begin(loop::Loop& loop, const Asker& asker) = 0;

  struct Done {
    std::string account;            // that is theirs, as the store or, where there is none, the issuer calls it
    std::vector<std::string> keys;  // that were shown before, by fingerprint
    oidc::SignedOn person;
    std::string from_host;
    std::string session;
  };
  // Writes it down, and makes the account and its groups what the issuer says, where the configuration wants that.
  // Nothing: there is no such account. An error: nobody can tell, and nobody is let in.
  [[nodiscard]] virtual Task<Result<std::optional<access::SignOnCredential>>> note(loop::Loop& loop, Done done) = 0;

  // As the configuration has it.
  [[nodiscard]] virtual std::string_view issuer() const = 0;
  [[nodiscard]] virtual bool shows_qr_codes() const = 0;

 protected:
  ~SignOns() = default;
};

}  // namespace bastion::session
