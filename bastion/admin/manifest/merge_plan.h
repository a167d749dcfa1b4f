// What a bastion that joins a fleet brings along. Pure.
//
// What is the same on both sides is one thing. What has one name and differs is a collision until an administrator has
// said which it is. A thing that is only here is added, under the name that it gets in the fleet.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bastion/admin/manifest/resolutions.h"
#include "bastion/admin/manifest/same_name.h"
#include "bastion/admin/manifest/whole_directory.h"
#include "bastion/base/result.h"

namespace bastion::admin {

struct Collision {
  std::string what;  // as in Resolutions
  SameName differences;
  bool can_be_renamed = false;
  bool can_keep_mine = true;
  bool can_keep_both = false;
};

struct MergePlan {
  std::vector<Collision> collisions = {};
  // To be put into the fleet's directory, under the names of there; nothing of what is there as it is here.
  WholeDirectory wanted = {};
  // Of those, by KIND:NAME of there, what takes the place of what the fleet has.
  std::set<std::string> replaced = {};
};

// The error says that a resolution is about nothing, or makes one of two.
[[nodiscard]] Result<MergePlan> plan_merge(const WholeDirectory& here, const WholeDirectory& fleet,
                                           const Resolutions& resolutions);

// These resolutions, and others for all that collides still, so that nothing of either side is changed: things get
// another name, NAME-NODE, and what cannot have one stays as the fleet has it.
[[nodiscard]] Result<Resolutions> suggest(const WholeDirectory& here, const WholeDirectory& fleet,
                                          Resolutions resolutions, std::string_view node);

// A paragraph for each.
[[nodiscard]] std::string text_of(const std::vector<Collision>& collisions);

}  // namespace bastion::admin
