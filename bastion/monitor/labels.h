// The values that labels may have, each of a closed table: nothing that a user or a stranger has said becomes one.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "bastion/access/credential.h"
#include "bastion/base/reason.h"
#include "bastion/session/observer.h"

namespace bastion::monitor {

// `none`, the methods that are offered (auth/methods.h), `other`. Places are those in metrics::Counters.
[[nodiscard]] std::span<const std::string_view> method_labels();
[[nodiscard]] std::size_t place_of_method(std::string_view sent);
[[nodiscard]] std::size_t place_of_method(const access::Credential& credential);

[[nodiscard]] inline std::size_t place_of(Reason reason) { return static_cast<std::size_t>(reason); }
[[nodiscard]] std::size_t reasons();  // so many there are

// In the order of session::Phase.
[[nodiscard]] std::span<const std::string_view> phase_labels();
[[nodiscard]] inline std::size_t place_of(session::Phase phase) { return static_cast<std::size_t>(phase); }

}  // namespace bastion::monitor
