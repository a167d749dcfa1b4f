// `bastion signer`: what the process does that holds the private keys. It is two: the keys are in one, and the other
// reads the directory for it.
#pragma once

#include <functional>

#include "bastion/base/result.h"
#include "bastion/signer/messages.h"
#include "bastion/signer/rules.h"

namespace bastion::signer {

using LoadKeys = std::function<Result<Keys>(const Start& start)>;

// Standard input is the socket of Signer::start(). Until that is closed; returns the exit status.
[[nodiscard]] int run(const LoadKeys& load_keys);

}  // namespace bastion::signer
