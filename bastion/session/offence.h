// What is held against the source of a connection that ended without a login: a cause of PerSourcePenalties in
// sshd_config(5).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bastion/base/reason.h"

namespace bastion::session {

enum class Offence : std::uint8_t {
  noauth,          // it has not tried to authenticate
  authfail,        // it has tried, and has gone
  invaliduser,     // so too, but there is nobody it has named
  max_auth_tries,  // it has used up its tries
  grace_exceeded,  // it was there for login_grace
  crash,           // it does not keep to the protocol
};

// As penalties in bastion.toml has it.
[[nodiscard]] std::string_view code_of(Offence offence);
// Nothing for what code_of() has not given.
[[nodiscard]] std::optional<Offence> offence_of(std::string_view code);

// What a stranger has done before the end. Where nobody could tell whether it was right, or the bastion ended it for
// reasons of its own, nothing is held against it.
struct Conduct {
  bool has_tried = false;       // a request was denied that claimed anything
  bool names_nobody = false;    // no name it has tried with is a user's
  bool speaks_another = false;  // it has no algorithm in common with us: that is no fault
};
[[nodiscard]] std::optional<Offence> offence_of(Reason end, const Conduct& conduct);

}  // namespace bastion::session
