// choose target: the user name of an SSH login, taken apart. Pure; the input comes from strangers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "bastion/login/path.h"

namespace bastion::login {

//   alice             her default container
//   alice+web         the one called web: her own, or one shared with her
//   alice+bob/web     bob's, shared with her
//   alice+bob+web     the same, for where a slash means a path: scp, rsync, git
//
// Every part is a name as bastion/base/name.h has it. Nothing for anything else: a user name that is no target is that
// of an unknown user.
[[nodiscard]] std::optional<Target> parse_target(std::string_view user_name);

// The same text again; behind an owner there is a slash.
[[nodiscard]] std::string text_of(const Target& target);

}  // namespace bastion::login
