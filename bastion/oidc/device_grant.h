// One sign-on, from the issuer's discovery document to a token that was verified. Blocks; the network, the time and the
// user are arguments.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "bastion/base/result.h"
#include "bastion/oidc/http.h"
#include "bastion/oidc/sign_on.h"

namespace bastion::oidc {

// Whoever signs on, as far as this needs them.
class Asker {
 public:
  virtual ~Asker() = default;
  // What they need for it.
  virtual void show(const Shown& shown) = 0;
  // Until they say that they have done it; false: they are gone, or this time is over.
  [[nodiscard]] virtual bool says_done_within(std::chrono::seconds time) = 0;
  // Lets that much time pass; false: they are gone.
  [[nodiscard]] virtual bool waits(std::chrono::seconds time) = 0;
};

// The issuer is asked twice before they are shown anything, and not before they say that they have done it for how that
// went: then at its interval, for as long as the code is good. An error is a sentence for them and for the log, that
// names the issuer.
[[nodiscard]] Result<SignedOn> sign_on(const Provider& provider, Http& http, Asker& asker,
                                       const std::function<std::int64_t()>& now);

}  // namespace bastion::oidc
