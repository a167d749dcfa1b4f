// choose target: the user name of an SSH login, taken apart. Pure; the input comes from strangers.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bastion::access {

// What the user typed before the @, taken apart. RFC 4252 calls it the user name; for us it says who and where:
// `alice`, `alice+web`, `alice+bob/web`.
struct Target {
  std::string user;
  std::optional<std::string> owner;      // set when the container was written owner/name
  std::optional<std::string> container;  // absent: the user's default container
};

//   alice             her default container
//   alice+web         the one called web: her own, or one shared with her
//   alice+bob/web     bob's, shared with her
//   alice+bob+web     the same, for where a slash means a path: scp, rsync, git
//
// Behind the user's name, or behind all of it, there may be a colon and a style, which is dropped: for an sshd the
// style of a login is what stands behind the first colon of the user name, and no method here has styles. That of the
// user ends at a plus, so that what follows still says which container.
//
// Every part is a name as bastion/base/name.h has it. Nothing for anything else: a user name that is no target is that
// of an unknown user.
[[nodiscard]] std::optional<Target> parse_target(std::string_view user_name);

// The same text again; behind an owner there is a slash.
[[nodiscard]] std::string text_of(const Target& target);

}  // namespace bastion::access
