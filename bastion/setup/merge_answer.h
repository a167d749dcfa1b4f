// What is said of a directory that comes along into a fleet. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bastion/admin/manifest/apply.h"
#include "bastion/admin/manifest/merge_plan.h"
#include "bastion/base/public_key.h"

namespace bastion::setup {

// Collisions, and how to go on; `suggested` are resolutions that leave none.
[[nodiscard]] std::string in_the_way(const std::vector<admin::Collision>& collisions,
                                     const admin::Resolutions& suggested);

// A line for each.
[[nodiscard]] std::string lines_of(const std::vector<admin::Change>& changes);

// Who is an administrator of the fleet by it, and who is called otherwise there.
[[nodiscard]] std::string about_people(const admin::MergePlan& plan, const admin::Resolutions& resolutions);

// Whose one-time codes could not be sealed for the fleet. Empty: nobody's.
[[nodiscard]] std::string about_codes(const std::vector<std::string>& left_behind);

// The bastion's own keys, before and after. Empty: it has none in its state directory.
struct OwnKeys {
  std::vector<PublicKey> host_keys = {};  // those that are presented
  std::vector<PublicKey> identity = {};   // one, the preferred
};
enum class OldIdentity : std::uint8_t {
  none,  // the fleet's is the same, or it is not in the state directory
  tried_after_it,
  no_room  // the fleet has an old one itself
};
struct ChangedKeys {
  OwnKeys before;
  OwnKeys after;
  OldIdentity old_identity = OldIdentity::none;
  std::vector<std::string> trust_the_ca = {};  // of what is here: what takes certificates of this bastion's CA
};
[[nodiscard]] std::string about_keys(const ChangedKeys& keys);

}  // namespace bastion::setup
