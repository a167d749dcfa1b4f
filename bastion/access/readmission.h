// admission() of what the store has now: of a certificate, of who has no account yet, and of somebody who was admitted
// before.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "bastion/access/admission.h"
#include "bastion/access/identity.h"
#include "bastion/base/reason.h"
#include "bastion/base/result.h"
#include "bastion/transport/user_certificate.h"
#include "store/cas.h"
#include "store/keys.h"
#include "store/passwords.h"
#include "store/revocations.h"
#include "store/second_factors.h"
#include "store/sign_ons.h"
#include "store/users.h"

namespace bastion::access {

// Where all of this looks.
struct Records {
  store::Users& users;
  store::Keys& keys;
  store::Cas& cas;
  store::Revocations& revocations;
  store::SecondFactors& second_factors;
  store::Passwords& passwords;
  store::SignOns& sign_ons;
};
// What it knows about this certificate and this user; nothing when the CA is known in neither way, or there is no such
// user.
[[nodiscard]] Result<std::optional<Certified>> certified_in(const Records& records, std::string_view user,
                                                            const transport::UserCertificate& certificate);
// Of a name that nobody has: who they would be in an account that a CA of this certificate makes (`create`). Nothing
// when none does, or they could not come in with the certificate alone.
[[nodiscard]] Result<std::optional<Identity>> newcomer_in(const Records& records, const std::string& name,
                                                          const transport::UserCertificate& certificate,
                                                          const Circumstances& there, const Defaults& defaults);

// Somebody who was admitted before, as the store has them now, with all that they have shown. `internal` when it cannot
// be read.
[[nodiscard]] std::expected<Identity, End> readmission(const Records& records, const Identity& who,
                                                       const Circumstances& there, const Defaults& defaults);

}  // namespace bastion::access
