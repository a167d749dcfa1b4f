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
  enum class Heard : std::uint8_t { nothing, done, gone };
  virtual ~Asker() = default;
  // What they need for it.
  virtual void show(const Shown& shown) = 0;
  // What they say first within that time, which ends with it: that they have done it, or go.
  [[nodiscard]] virtual Heard hears_within(std::chrono::seconds time) = 0;
  // Lets that much time pass, whatever they say; false: they are gone.
  [[nodiscard]] virtual bool waits(std::chrono::seconds time) = 0;
};

// The issuer is asked twice before they are shown anything. From then on it is asked at its interval how that went, so
// that it is known when they come back, for as long as the code is good and they are there; the first time at once
// where they say before that they have done it. An error is a sentence for them and for the log, that names the issuer.
[[nodiscard]] Result<SignedOn> sign_on(const Provider& provider, Http& http, Asker& asker,
                                       const std::function<std::int64_t()>& now);

}  // namespace bastion::oidc
