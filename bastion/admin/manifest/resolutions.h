// What an administrator says becomes of names that two directories have both, each called KIND:NAME as it is called
// here: `user:alice`, `group:ops`, `backend:be1`, `container:alice/web`, `default:alice`, `host-ca:SHA256:…`,
// `ca:SHA256:…`, `ban:192.0.2.0/24`. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bastion/base/result.h"

namespace bastion::admin {

enum class Kept : std::uint8_t {
  mine,
  fleet,
  both  // of a user: the fleet's, and the keys that are here as well
};
[[nodiscard]] std::string_view text_of(Kept kept);

struct Resolutions {
  std::map<std::string, std::string> renamed = {};  // to what it is called in the fleet
  std::map<std::string, Kept> kept = {};

  bool operator==(const Resolutions&) const = default;
};

// `user:alice=alice-two`, and `fleet` with `user:alice`.
[[nodiscard]] Result<Resolutions> parse_resolutions(const std::vector<std::string>& renames,
                                                    const std::vector<std::pair<std::string, std::string>>& keeps);
// As they are typed, each with a space before it.
[[nodiscard]] std::string as_typed(const Resolutions& resolutions);

[[nodiscard]] inline std::string named(std::string_view kind, std::string_view name) {
  return std::string(kind) + ":" + std::string(name);
}

}  // namespace bastion::admin
