// What a user certificate says, in the terms of this folder. Pure.
#pragma once

#include <string>

#include "bastion/access/policy.h"
#include "bastion/base/result.h"
#include "bastion/transport/user_certificate.h"
#include "store/revocations.h"

namespace bastion::access {

// What a login with it may do: as in sshd, forwards, agents, X11 and terminals only where an extension permits them.
// The error is that it has an option that says nothing.
[[nodiscard]] Result<Policy> policy_of(const transport::UserCertificate& certificate);

// By what it may be revoked; a view of the certificate.
[[nodiscard]] store::Revocations::Certificate revocable(const transport::UserCertificate& certificate);

// Any that a CA could give for this principal, to see what would come of it. It is none: nobody has signed it.
[[nodiscard]] transport::UserCertificate imagined_certificate(const std::string& principal);

}  // namespace bastion::access
