// admission() (admission.h) of keys that no row of the store has: what was printed for a user, and all that the store
// says about them, bind together.
#pragma once

#include <expected>
#include <memory>
#include <optional>

#include "bastion/access/admission.h"
#include "bastion/access/identity.h"
#include "bastion/access/printed_keys.h"
#include "bastion/base/reason.h"
#include "bastion/transport/user_certificate.h"
#include "store/revocations.h"
#include "store/users.h"

namespace bastion::access {

// With a key that is among those that were printed; or with a certificate of a CA that is, as `cert-authority`. Nothing
// where neither is.
[[nodiscard]] std::optional<std::shared_ptr<const Printed>> printed_for(const PrintedKeys& keys,
                                                                        const PublicKey& shown);
[[nodiscard]] std::optional<std::shared_ptr<const Printed>> printed_for(const PrintedKeys& keys,
                                                                        const transport::UserCertificate& shown);

// `internal` when the store cannot tell what was revoked.
[[nodiscard]] std::expected<Identity, End> admission(store::Revocations& revocations, const store::User& user,
                                                     const std::shared_ptr<const Printed>& printed,
                                                     const Circumstances& there, const Defaults& defaults);
[[nodiscard]] std::expected<Identity, End> admission(store::Revocations& revocations, const store::User& user,
                                                     const std::shared_ptr<const Printed>& printed,
                                                     const transport::UserCertificate& certificate,
                                                     const Circumstances& there, const Defaults& defaults);

// Of somebody who was admitted so: as readmission().
[[nodiscard]] std::expected<store::User, End> still_there(store::Users& users, const Identity& who);

}  // namespace bastion::access
